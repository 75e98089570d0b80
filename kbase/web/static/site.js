// Progressive enhancement only: everything can be read and reached without it.
"use strict";

const box = document.getElementById("q");
const typing = (element) => element.closest("input, select, textarea, [contenteditable]") !== null;

// Recent searches, newest first; they never leave the browser.
const RECENT = "kbase-recent";
const recent = () => {
  try {
    const stored = JSON.parse(localStorage.getItem(RECENT) || "[]");
    return Array.isArray(stored) ? stored.filter((each) => typeof each === "string").slice(0, 8) : [];
  } catch {
    return [];
  }
};
const searched = new URLSearchParams(location.search).get("q");
if (document.body.classList.contains("page-search") && searched && document.querySelector(".hit")) {
  try {
    const others = recent().filter((each) => each !== searched);
    localStorage.setItem(RECENT, JSON.stringify([searched, ...others].slice(0, 8)));
  } catch {
    // Storage is disabled.
  }
}
const list = document.querySelector("[data-recent]");
if (list && box && recent().length) {
  recent().forEach((query, at) => {
    const link = document.createElement("a");
    link.href = `${box.form.action}?q=${encodeURIComponent(query)}`;
    link.textContent = query;
    list.append(at ? " · " : "", link);
  });
  list.hidden = false;
}

// `/` to the search box; `j` and `k` through the rows of the page; `Escape` leaves the box.
const rows = () => Array.from(document.querySelectorAll("[data-rows] a")).filter((link, at, all) =>
  all.findIndex((other) => other.closest("li, tr") === link.closest("li, tr")) === at);

const step = (by) => {
  const links = rows();
  const here = links.findIndex((link) => link.closest("li, tr").contains(document.activeElement));
  const start = here < 0 ? links.findIndex((link) => link.getAttribute("aria-current") === "page") : here;
  const next = links[Math.min(Math.max(start + by, 0), links.length - 1)];
  if (next) next.focus();
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && document.activeElement === box) return box.blur();
  if (typing(event.target)) return;
  if (event.key === "/" && box) {
    event.preventDefault();
    box.focus();
    box.select();
  }
  if (event.key === "j") step(1);
  if (event.key === "k") step(-1);
});

// Scroll a strip that is wider than the page to the current version.
document.querySelectorAll(".strip ol").forEach((strip) => {
  const here = strip.querySelector("[aria-current]");
  if (here) strip.scrollLeft = here.parentElement.offsetLeft - strip.offsetLeft - strip.clientWidth / 2;
});

// Suggestions while typing.
if (box && box.dataset.suggest) {
  const options = document.createElement("datalist");
  options.id = "suggestions";
  box.after(options);
  box.setAttribute("list", options.id);
  options.replaceChildren(...recent().map((query) => new Option("recent search", query)));
  let asked = "";
  let timer = 0;
  const ask = async () => {
    const text = box.value.trim();
    if (text.length < 2 || text === asked) return;
    asked = text;
    try {
      const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(text)}`);
      if (!answer.ok || text !== asked) return;
      options.replaceChildren(...(await answer.json()).map((each) => {
        const option = document.createElement("option");
        option.value = each.text;
        option.label = each.detail ? `${each.kind}, ${each.detail}` : each.kind;
        return option;
      }));
    } catch {
      asked = "";
    }
  };
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
}

// Switch the theme without reloading; the server uses the same cookie.
const themes = document.querySelector("form.theme");
if (themes) {
  themes.addEventListener("submit", (event) => {
    const chosen = event.submitter && event.submitter.value;
    if (!chosen) return;
    event.preventDefault();
    const home = new URL(themes.action).pathname.replace(/theme$/, "");
    document.cookie = `theme=${chosen}; max-age=31536000; samesite=lax; path=${home.length > 1 ? home.slice(0, -1) : "/"}`;
    document.documentElement.dataset.theme = chosen;
    document.querySelector("meta[name=color-scheme]").content = chosen === "auto" ? "light dark" : chosen;
    themes.querySelectorAll("button").forEach((button) =>
      button.setAttribute("aria-pressed", String(button.value === chosen)));
  });
}

// Links to other versions keep the section; not the line of a document, which differs.
document.querySelectorAll(".strip a").forEach((link) => link.addEventListener("click", () => {
  if (location.hash && !/^#L\d/.test(location.hash)) link.hash = location.hash;
}));

// A button that copies the result of a function.
const copyButton = (text, name) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = name;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text());
    button.textContent = "copied";
    setTimeout(() => { button.textContent = name; }, 1500);
  });
  return button;
};
if (navigator.clipboard) {
  document.querySelectorAll("[data-copy]").forEach((element) =>
    element.append(copyButton(() => element.dataset.copy, element.dataset.what || "copy")));
}

// A button at each citation that copies a report of the fact: source, fact as shown, page.
const report = (cite) => {
  const [, version, path, line] = /\/doc\/([^/]+)\/(.+)#L(\d+)/.exec(decodeURIComponent(cite.href)) || [];
  if (!line) return;
  const fact = cite.closest("tr, li, dt, .pair, .answer, .note, .rule, .proto, header, section");
  const button = copyButton(() => {
    const copy = fact.cloneNode(true);
    copy.querySelectorAll(".cite, .copy, .report, .out").forEach((part) => part.remove());
    const words = `${document.querySelector("h1").textContent}: ${copy.textContent}`.replace(/\s+/g, " ").trim();
    return `Wrong fact\nsource: ${version} ${path}:${line}\nfact: ${words}\npage: ${location.pathname}\n`;
  }, "\u2691");
  button.className = "report";
  button.title = "report a wrong fact";
  button.setAttribute("aria-label", button.title);
  cite.after(button);
};
if (navigator.clipboard) document.querySelectorAll("main .cite").forEach(report);

// The selected line of a document: a button that copies its citation, and links to the same line elsewhere.
const source = document.querySelector(".source[data-cite]");
if (source) {
  let button = null;
  const follow = () => {
    if (button) button.remove();
    const line = /^#L(\d+)$/.exec(location.hash);
    document.querySelectorAll(".head .out[data-line]").forEach((link) => {
      link.hash = line ? link.dataset.line + line[1] : "";
    });
    const row = line && document.getElementById(`L${line[1]}`);
    if (!row || !navigator.clipboard) return;
    button = copyButton(() => `${source.dataset.cite}:${line[1]}`, "copy citation");
    row.append(button);
  };
  addEventListener("hashchange", follow);
  follow();
}
