// The editing form: what is wrong comes into view, and half an edit is not lost by a stray click.
document.querySelector("[data-focus]")?.focus();

const form = document.querySelector("form[data-guard]");
let touched = false;
form.addEventListener("input", () => { touched = true; });
form.addEventListener("submit", () => { touched = false; });
addEventListener("beforeunload", (event) => {
  if (touched) event.preventDefault();
});
