// Suggestions while typing: a combobox that arrows and Enter work, as well as the mouse.
const WAIT_MS = 110;

let count = 0;

export function suggest(holder) {
  const input = holder.querySelector("input[type=search]");
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `suggestions-${++count}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Aircraft");
  list.hidden = true;
  holder.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    input.setAttribute(name, value);
  }

  let chosen = -1;
  let timer = 0;
  let asked = null;

  const settle = () => {
    clearTimeout(timer);
    asked?.abort();
  };
  const close = () => {
    // What was asked before must not open the list again.
    settle();
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const go = (option) => {
    const search = new URLSearchParams({ q: input.value.trim(), go: option.dataset.id });
    location.assign(`/?${search}`);
  };
  const mark = (index) => {
    // A late answer must not take the choice away.
    settle();
    const options = [...list.children];
    options[chosen]?.setAttribute("aria-selected", "false");
    chosen = options.length ? (index + options.length) % options.length : -1;
    const option = options[chosen];
    if (!option) return;
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
  };
  const show = (aircraft) => {
    list.replaceChildren(...aircraft.map((one, index) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${index}`;
      option.dataset.id = one.id;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const name = document.createElement("span");
      name.textContent = one.name;
      const more = document.createElement("small");
      more.textContent = [one.icao, one.manufacturer].filter(Boolean).join(" · ");
      option.append(name, more);
      // mousedown: before the input loses the focus, which closes the list.
      option.addEventListener("mousedown", (event) => {
        event.preventDefault();
        go(option);
      });
      return option;
    }));
    chosen = -1;
    list.hidden = aircraft.length === 0;
    input.setAttribute("aria-expanded", String(aircraft.length > 0));
  };
  const ask = async () => {
    const text = input.value.trim();
    if (!text) return close();
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(`/api/v1/suggest?${new URLSearchParams({ q: text })}`, { signal: asked.signal });
      if (answer.ok && document.activeElement === input) show((await answer.json()).aircraft.slice(0, 6));
    } catch {
      // Offline or overtaken by the next letter: typing on and Enter still work.
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (list.hidden) {
      return;
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      go(list.children[chosen]);
    }
  });
}
