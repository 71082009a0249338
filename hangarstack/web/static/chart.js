// A line over time, drawn as the server draws it.
const HEADROOM = 0.08;

export function line(svg, values) {
  const { width, height } = svg.viewBox.baseVal;
  const peak = Math.max(...values, 0);
  const step = width / Math.max(values.length - 1, 1);
  const rise = (height * (1 - HEADROOM)) / Math.max(peak, 1);
  const points = values.map((value, at) => `${(at * step).toFixed(1)},${(height - value * rise).toFixed(1)}`);
  const path = `M${points.join("L")}`;
  svg.querySelector(".line").setAttribute("d", path);
  svg.querySelector(".area").setAttribute("d", `${path}L${width},${height}L0,${height}Z`);
  return peak;
}
