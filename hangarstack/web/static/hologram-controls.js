// Turning the hologram: by dragging, by the arrow keys, by buttons.
const VIEWS = [
  ["Side", 0, 0],
  ["Front", 90, 3],
  ["Top", 0, 89],
];
const STEP = Math.PI / 24;
const STEEPEST = (89 * Math.PI) / 180;

export function controls(holder, canvas, view, changed) {
  const bar = document.createElement("div");
  bar.className = "stage-controls";
  const turn = document.createElement("button");
  turn.type = "button";
  turn.textContent = "Turn";
  bar.append(turn);
  const show = () => turn.setAttribute("aria-pressed", String(view.turning));
  turn.addEventListener("click", () => {
    view.turning = !view.turning;
    show();
    changed();
  });
  for (const [name, azimuth, elevation] of VIEWS) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => {
      view.azimuth = (azimuth * Math.PI) / 180;
      view.elevation = (elevation * Math.PI) / 180;
      view.turning = false;
      show();
      changed();
    });
    bar.append(button);
  }
  holder.append(bar);
  show();

  const tilt = (by) => { view.elevation = Math.max(-0.5, Math.min(STEEPEST, view.elevation + by)); };
  let from = null;
  canvas.addEventListener("pointerdown", (event) => {
    from = [event.clientX, event.clientY];
    canvas.setPointerCapture(event.pointerId);
    view.turning = false;
    show();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from) return;
    view.azimuth -= (event.clientX - from[0]) * 0.008;
    if (event.pointerType === "mouse") tilt((event.clientY - from[1]) * 0.006);
    from = [event.clientX, event.clientY];
    changed();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { from = null; });
  canvas.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    view.turning = false;
    show();
    view.azimuth += move[0];
    tilt(move[1]);
    changed();
  });
}
