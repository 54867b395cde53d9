// Small comforts on top of pages that work without any of them: dialogs, drafts, keys, one click one effect.
(function () {
  "use strict";
  const words = document.body.dataset;

  // --- old kernels: is `gap` kept between the boxes of a row?
  const probe = document.createElement("div");
  probe.className = "gap-probe";
  probe.append(document.createElement("i"), document.createElement("i"));
  document.body.append(probe);
  if (!probe.scrollHeight) document.documentElement.classList.add("no-flex-gap");
  probe.remove();

  // --- a narrow screen shows the tab of this page, not only the first ones
  const here = document.querySelector(".tabs.section [aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 16;

  const token = () => (document.querySelector("input[name=csrf_token]") || {}).value;
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  function toast(content, bad) {
    const line = document.createElement("div");
    line.className = `toast-line${bad ? " bad" : ""}`;
    if (typeof content === "string") line.textContent = content;
    else line.append(content);
    document.getElementById("toasts").append(line);
    setTimeout(() => line.remove(), 8000);
  }

  // --- dialogs: the link to #id opens a panel by itself; here it becomes a modal that keeps the focus
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    const closer = event.target.closest("[data-closes]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.opens);
      if (!dialog || !dialog.showModal) return;
      event.preventDefault();
      dialog.showModal();
    } else if (closer && closer.closest("dialog[open]")) {
      event.preventDefault();
      closer.closest("dialog").close();
    }
    all("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches("a[role=button]")) {
      event.preventDefault();
      event.target.click();
    }
    if (event.key === "Escape") all("details[data-menu][open]").forEach((menu) => { menu.open = false; menu.firstElementChild.focus(); });
  });

  // --- one click, one effect: the server keeps that promise too, this only spares people the refusal
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
    // Disabled only after the browser has read the form, so that the pressed button is still sent.
    setTimeout(() => all("button", form).forEach((button) => { button.disabled = true; }), 0);
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    all("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
      all("button", form).forEach((button) => { button.disabled = false; });
    });
  });

  // --- leaving: what this device keeps for work without a connection goes with the person
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-forgets]")) return;
    const kept = Object.keys(localStorage).filter((key) => key.startsWith("duban:"));
    if (kept.length && !window.confirm(event.target.dataset.forgets)) {
      event.preventDefault();
      return;
    }
    kept.forEach((key) => localStorage.removeItem(key));
    if (window.indexedDB) indexedDB.deleteDatabase("duban");
  });

  // --- money: what is typed in 万元, read back in 亿元
  function sayYi(input) {
    const amount = Number(input.value.replace(/[,，\s]/g, ""));
    const output = document.getElementById(input.dataset.money);
    output.textContent = amount >= 10000 ? words.yi.replace("{n}", (Math.round(amount / 100) / 100).toLocaleString("zh-CN")) : "";
  }
  all("[data-money]").forEach((input) => { input.addEventListener("input", () => sayYi(input)); sayYi(input); });

  // --- drafts: to the server while typing pauses; a copy stays in this tab in case the session has ended
  function keepDraft(form) {
    const key = `draft:${location.pathname}`;
    const state = form.querySelector("[data-draft-state]");
    let timer = null;
    let dirty = false;
    const typed = () => {
      const kept = {};
      for (const [name, value] of new FormData(form)) {
        if (name !== "csrf_token" && typeof value === "string") (kept[name] = kept[name] || []).push(value);
      }
      return kept;
    };
    const tell = (text, bad) => { state.textContent = text; state.classList.toggle("bad", Boolean(bad)); };
    async function save() {
      clearTimeout(timer);
      timer = null;
      if (!dirty || form.dataset.sent) return;
      dirty = false;
      sessionStorage.setItem(key, JSON.stringify(typed()));
      const body = new FormData(form);
      for (const [name, value] of Array.from(body)) if (typeof value !== "string") body.delete(name); // files go with the form itself
      try {
        const answer = await fetch(form.dataset.draft, { method: "POST", body, credentials: "same-origin", redirect: "manual", headers: { "X-Draft": "1", Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        sessionStorage.removeItem(key);
        tell(`${words.draftSaved} ${new Date().toTimeString().slice(0, 5)}`);
      } catch (problem) {
        dirty = true;
        tell(words.draftFailed, true);
      }
    }
    function restore() {
      const kept = JSON.parse(sessionStorage.getItem(key) || "null");
      if (!kept) return;
      all("input, textarea, select", form).forEach((field) => {
        if (!field.name || field.type === "hidden" || field.type === "file") return;
        const values = kept[field.name];
        if (field.type === "checkbox" || field.type === "radio") field.checked = Boolean(values && values.includes(field.value));
        else if (values) field.value = values[0];
      });
      dirty = true;
      tell(words.draftFound);
      save();
    }
    form.addEventListener("input", () => { dirty = true; clearTimeout(timer); timer = setTimeout(save, 3000); });
    form.addEventListener("focusout", () => { if (dirty && !timer) save(); });
    form.addEventListener("submit", () => { clearTimeout(timer); sessionStorage.setItem(key, JSON.stringify(typed())); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
    if (!form.querySelector("[data-testid=problems]")) restore();
    window.addEventListener("pagehide", () => { if (form.dataset.sent) sessionStorage.setItem("sent", key); });
  }
  // A form that was sent and is not shown again was accepted: its copy is no longer needed.
  const sent = sessionStorage.getItem("sent");
  if (sent && sent !== `draft:${location.pathname}` && !document.querySelector(".login-form")) {
    sessionStorage.removeItem(sent);
    sessionStorage.removeItem("sent");
  }
  all("form[data-draft]").forEach(keepDraft);

  // --- keys in lists: J and K move, Enter opens, / searches
  let chosen = -1;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    const search = document.querySelector("[data-key-search]");
    if (event.key === "/" && search) {
      event.preventDefault();
      search.focus();
      return;
    }
    const rows = all("[data-keys] [data-row]");
    if (!rows.length || !["j", "k"].includes(event.key.toLowerCase())) return;
    chosen = Math.max(0, Math.min(rows.length - 1, chosen + (event.key.toLowerCase() === "j" ? 1 : -1)));
    rows.forEach((row, index) => row.classList.toggle("chosen", index === chosen));
    const link = rows[chosen].querySelector("a");
    link.focus({ preventScroll: true });
    rows[chosen].scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("htmx:afterSettle", () => { chosen = -1; });

  // --- refusals of htmx requests: what was refused is said, the page stays as it was
  document.addEventListener("htmx:responseError", (event) => {
    const parsed = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    toast(parsed.body.textContent.trim() || words.failed, true);
  });
  document.addEventListener("htmx:sendError", () => toast(words.failed, true));
  document.addEventListener("htmx:configRequest", (event) => { if (token()) event.detail.headers["X-CSRFToken"] = token(); });

  all("[data-print]").forEach((button) => { button.hidden = false; button.addEventListener("click", () => window.print()); });
  // --- a dialog that was refused comes back open; here it becomes a modal again
  all("dialog.again[open]").forEach((dialog) => {
    if (!dialog.showModal) return;
    dialog.removeAttribute("open");
    dialog.classList.remove("again");
    dialog.showModal();
  });

  const first = document.querySelector("[data-focus]");
  if (first) {
    const wrong = (first.closest("form") || document).querySelector("[aria-invalid=true]");
    (wrong || first).focus();
  }
})();
