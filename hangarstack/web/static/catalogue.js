// The catalogue: a chosen filter applies at once, an empty one stays out of the address, a chosen result is reported.
import { report } from "./app.js";

const form = document.getElementById("catalogue");
const filters = document.getElementById("filters");

if (matchMedia("(min-width: 1080px)").matches) filters.open = true;

for (const field of form.querySelectorAll("[data-submit]")) {
  field.addEventListener("change", () => form.requestSubmit());
}

form.addEventListener("submit", () => {
  const empty = [...form.elements].filter((field) => field.name && !field.value);
  for (const field of empty) field.disabled = true;
  // Back from the results the form must be whole again.
  setTimeout(() => empty.forEach((field) => { field.disabled = false; }), 0);
});

document.querySelector(".grid")?.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-aircraft]");
  if (link && link.search) report("SELECT_RESULT", { aircraft_id: link.dataset.aircraft });
});
