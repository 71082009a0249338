// From points in space to light on the canvas.
const BRIGHTNESS = 5;
const DISTANCE = 3.1;
const HOT = 0.045;
const SLICES = 32;
const MARGIN = 8;
const PEDESTAL = 1.05;
const FLOOR = -0.1;
const TURNS = Array.from({ length: 25 }, (_, step) => [Math.sin((step * Math.PI) / 24), Math.cos((step * Math.PI) / 24)]);
const outlines = new WeakMap();

/** What the aircraft and its pedestal sweep when they turn: rings as [radius, height above the middle]. */
function outline(mesh) {
  const known = outlines.get(mesh);
  if (known) return known;
  const middle = mesh.height / 2;
  const slices = new Map();
  const take = (x, y, z, more = 0) => {
    const slice = Math.round(((z - middle) / mesh.height) * SLICES);
    const { radius, low, high } = slices.get(slice) ?? { radius: 0, low: z, high: z };
    slices.set(slice, {
      radius: Math.max(radius, Math.hypot(x - mesh.length / 2, y) + more), low: Math.min(low, z), high: Math.max(high, z),
    });
  };
  for (const line of mesh.lines) for (let i = 0; i < line.length; i += 3) take(line[i], line[i + 1], line[i + 2]);
  for (const { centre: [x, y, z], radius, axis } of mesh.spinners) {
    take(x, y, z, radius);
    if (axis !== 2) for (const up of [-radius, radius]) take(x, y, z + up);
  }
  const rings = [...slices.values()].flatMap(({ radius, low, high }) => [[radius, low - middle], [radius, high - middle]]);
  const base = PEDESTAL * Math.max(...rings.map(([radius]) => radius));
  const floor = FLOOR * base;
  const found = { rings: [...rings, [base, floor - middle]], base, floor };
  outlines.set(mesh, found);
  return found;
}

/** Pixels a centimetre, and the height of the middle, at which nothing is cut however far the aircraft is turned. */
function fitting(rings, reach, cosE, sinE, size) {
  let wide = 0;
  let above = 0;
  let below = 0;
  for (const [radius, up] of rings) {
    for (const [sin, cos] of TURNS) {
      const deep = radius * cos;
      const lens = DISTANCE / (DISTANCE - (deep * cosE + up * sinE) / reach);
      const down = (deep * sinE - up * cosE) * lens;
      wide = Math.max(wide, radius * sin * lens);
      above = Math.max(above, -down);
      below = Math.max(below, down);
    }
  }
  const scale = Math.min((size.width / 2 - MARGIN) / wide, (size.height - 2 * MARGIN) / (above + below));
  return { scale, y: (size.height + scale * (above - below)) / 2 };
}

/** The camera: where a point in centimetres lies on the canvas, and how near it is. */
export function project(mesh, view, size) {
  const reach = Math.hypot(mesh.length, mesh.width, mesh.height) / 2;
  const cosA = Math.cos(view.azimuth);
  const sinA = Math.sin(view.azimuth);
  const cosE = Math.cos(view.elevation);
  const sinE = Math.sin(view.elevation);
  const { rings, base, floor } = outline(mesh);
  const { scale, y: level } = fitting(rings, reach, cosE, sinE, size);
  const middle = { x: mesh.length / 2, z: mesh.height / 2 };
  const centre = { x: size.width / 2, y: level };
  return {
    base,
    floor,
    at(x, y, z) {
      const forward = x - middle.x;
      const up = z - middle.z;
      const across = forward * cosA + y * sinA;
      const deep = y * cosA - forward * sinA;
      const near = deep * cosE + up * sinE;
      const lens = DISTANCE / (DISTANCE - near / reach);
      const down = deep * sinE - up * cosE;
      return [centre.x + across * scale * lens, centre.y + down * scale * lens, near / reach];
    },
  };
}

/** Lines, brighter the nearer they are; amber where the scanning plane at `plane` (centimetres) passes. */
export function stroke(context, lines, camera, plane, length, strength = 1) {
  const paths = Array.from({ length: BRIGHTNESS }, () => new Path2D());
  const hot = new Path2D();
  const band = HOT * length;
  let anyHot = false;
  for (const line of lines) {
    let before = camera.at(line[0], line[1], line[2]);
    for (let i = 3; i < line.length; i += 3) {
      const now = camera.at(line[i], line[i + 1], line[i + 2]);
      const near = (before[2] + now[2]) / 2;
      const level = Math.max(0, Math.min(BRIGHTNESS - 1, Math.floor(((near + 1) / 2) * BRIGHTNESS)));
      paths[level].moveTo(before[0], before[1]);
      paths[level].lineTo(now[0], now[1]);
      if (Math.abs((line[i - 3] + line[i]) / 2 - plane) < band) {
        hot.moveTo(before[0], before[1]);
        hot.lineTo(now[0], now[1]);
        anyHot = true;
      }
      before = now;
    }
  }
  paths.forEach((path, level) => {
    const bright = strength * (0.24 + 0.66 * ((level + 1) / BRIGHTNESS));
    context.strokeStyle = `rgb(102 227 255 / ${(bright * 0.13).toFixed(3)})`;
    context.lineWidth = 4;
    context.stroke(path);
    context.strokeStyle = `rgb(128 232 255 / ${bright.toFixed(3)})`;
    context.lineWidth = 0.9;
    context.stroke(path);
  });
  if (!anyHot) return;
  context.strokeStyle = "rgb(255 185 94 / .3)";
  context.lineWidth = 5;
  context.stroke(hot);
  context.strokeStyle = "rgb(255 214 150 / .95)";
  context.lineWidth = 1.2;
  context.stroke(hot);
}

/** The projector below: rings with ticks that turn against each other, and its cone of light. */
export function pedestal(context, mesh, camera, now) {
  const { base, floor } = camera;
  const ring = (radius, from = 0, to = 2 * Math.PI, steps = 72) => {
    const path = new Path2D();
    for (let step = 0; step <= steps; step++) {
      const angle = from + ((to - from) * step) / steps;
      const [x, y] = camera.at(mesh.length / 2 + radius * Math.cos(angle), radius * Math.sin(angle), floor);
      if (step) path.lineTo(x, y);
      else path.moveTo(x, y);
    }
    return path;
  };
  context.lineWidth = 1;
  context.strokeStyle = "rgb(102 227 255 / .26)";
  context.stroke(ring(base));
  context.strokeStyle = "rgb(102 227 255 / .14)";
  context.stroke(ring(base * 0.61));
  context.strokeStyle = "rgb(255 185 94 / .6)";
  const turned = now * 0.00022;
  for (let arc = 0; arc < 3; arc++) {
    const from = turned + (arc * 2 * Math.PI) / 3;
    context.stroke(ring(base * 0.94, from, from + 0.42, 12));
  }
  context.strokeStyle = "rgb(102 227 255 / .34)";
  const ticks = new Path2D();
  for (let tick = 0; tick < 72; tick++) {
    const angle = (tick * Math.PI) / 36 - turned * 0.6;
    const inner = base * (tick % 6 ? 0.887 : 0.858);
    const [x1, y1] = camera.at(mesh.length / 2 + inner * Math.cos(angle), inner * Math.sin(angle), floor);
    const outer = base * 0.907;
    const [x2, y2] = camera.at(mesh.length / 2 + outer * Math.cos(angle), outer * Math.sin(angle), floor);
    ticks.moveTo(x1, y1);
    ticks.lineTo(x2, y2);
  }
  context.stroke(ticks);
}
