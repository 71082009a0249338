// The turning hologram: a wire frame in centimetres, projected on a canvas; no WebGL.
import { controls } from "./hologram-controls.js";
import { pedestal, project, stroke } from "./hologram-drawing.js";

const FRAME_MS = 1000 / 40;
const TURN = 0.00034;
const CROSSING_MS = 5200;
const SPIN = 0.011;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Lines of a spinner at an angle: its rim, then its blades. */
function spin(spinner, angle) {
  const [x, y, z] = spinner.centre;
  const at = (turn, radius = spinner.radius) => {
    const across = radius * Math.cos(turn);
    const up = radius * Math.sin(turn);
    if (spinner.axis === 0) return [x, y + across, z + up];
    return spinner.axis === 1 ? [x + across, y, z + up] : [x + across, y + up, z];
  };
  const rim = [];
  for (let step = 0; step <= 36; step++) rim.push(...at((step * Math.PI) / 18));
  const blades = [];
  for (let blade = 0; blade < spinner.blades; blade++) {
    const turn = angle + (2 * Math.PI * blade) / spinner.blades;
    blades.push([x, y, z, ...at(turn)]);
  }
  return { rim, blades };
}

function start(holder, mesh) {
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Hologram of the ${holder.dataset.name}; the arrow keys turn it`);
  const context = canvas.getContext("2d");
  if (!context) return;
  const view = { azimuth: (36 * Math.PI) / 180, elevation: (18 * Math.PI) / 180, turning: !still, zoom: 1 };
  const size = { width: 0, height: 0, ratio: 1 };
  let onScreen = true;
  let last = 0;
  let queued = false;

  const fit = () => {
    const box = holder.getBoundingClientRect();
    size.ratio = Math.min(devicePixelRatio || 1, 2);
    size.width = box.width;
    size.height = box.height;
    canvas.width = Math.round(box.width * size.ratio);
    canvas.height = Math.round(box.height * size.ratio);
    // A canvas of a new size is empty: its next frame must not be left out.
    last = 0;
    ask();
  };
  const draw = (now) => {
    context.setTransform(size.ratio, 0, 0, size.ratio, 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    const camera = project(mesh, view, size);
    context.globalCompositeOperation = "lighter";
    pedestal(context, mesh, camera, still ? 0 : now);
    const crossing = still ? -1 : (now % CROSSING_MS) / CROSSING_MS;
    stroke(context, mesh.lines, camera, crossing * 1.3 * mesh.length - 0.15 * mesh.length, mesh.length);
    for (const spinner of mesh.spinners) {
      const { rim, blades } = spin(spinner, still ? 0.3 : now * SPIN);
      stroke(context, [rim, ...blades], camera, -1e9, mesh.length, 0.55);
    }
  };
  const frame = (now) => {
    queued = false;
    if (now - last >= FRAME_MS - 1) {
      if (view.turning) view.azimuth += TURN * Math.min(now - last, 100);
      last = now;
      draw(now);
    }
    if (!still && onScreen && document.visibilityState === "visible") ask();
  };
  function ask() {
    if (queued) return;
    queued = true;
    requestAnimationFrame(frame);
  }

  new IntersectionObserver(([entry]) => {
    onScreen = entry.isIntersecting;
    if (onScreen) ask();
  }).observe(holder);
  new ResizeObserver(fit).observe(holder);
  document.addEventListener("visibilitychange", ask);
  holder.querySelector(".stage-still").remove();
  holder.prepend(canvas);
  controls(holder, canvas, view, () => { last = 0; ask(); });
  fit();
}

for (const holder of document.querySelectorAll("[data-hologram]")) {
  fetch(holder.dataset.hologram)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
    .then((mesh) => start(holder, mesh))
    .catch(() => {
      // The still drawing of the server stays.
    });
}
