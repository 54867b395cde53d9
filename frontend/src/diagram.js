// Draws the live map of a process: the published drawing, then what is done, open, late and cancelled on top of it.
import "./old-kernels.js";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const MARKERS = { done: "st-done", active: "st-active", late: "st-late", cancelled: "st-cancelled" };

async function read(address, as) {
  const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: as === "json" ? "application/json" : "application/xml" } });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return as === "json" ? answer.json() : answer.text();
}

function badge(holder, item, width) {
  const box = document.createElement("div");
  box.className = `st-badge ${item.late ? "late" : ""}`;
  box.style.maxWidth = `${width}px`; // never over the neighbour
  const days = document.createElement("b");
  if (typeof item.days === "number") {
    const text = item.late ? holder.dataset.lateText : holder.dataset.leftText;
    days.textContent = `${item.late ? "◆" : "■"} ${text.replace("{n}", Math.abs(item.days))}`;
    box.append(days);
  }
  if (item.who) {
    const who = document.createElement("span");
    who.textContent = item.who;
    box.append(who);
  }
  return box;
}

function show(viewer, holder, state) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const overlays = viewer.get("overlays");
  const mark = (id, marker) => registry.get(id) && canvas.addMarker(id, marker);
  (state.done || []).forEach((id) => mark(id, MARKERS.done));
  (state.cancelled || []).forEach((id) => mark(id, MARKERS.cancelled));
  (state.active || []).forEach((item) => {
    const element = registry.get(item.id);
    if (!element) return;
    mark(item.id, MARKERS.active);
    if (item.late) mark(item.id, MARKERS.late);
    const open = badge(holder, item, element.width);
    if (open.childNodes.length && !element.children.length) {
      overlays.add(item.id, "state", { position: { bottom: 4, left: 0 }, html: open });
    }
  });
}

// Large maps fitted to the page cannot be read; then the part where work is open is shown at a readable size.
function look(viewer, state) {
  const canvas = viewer.get("canvas");
  const fitted = canvas.zoom("fit-viewport", "auto");
  const registry = viewer.get("elementRegistry");
  const open = (state.active || []).map((item) => registry.get(item.id)).filter((element) => element && !element.children.length);
  if (fitted >= 0.55 || !open.length) return;
  canvas.zoom(0.75);
  canvas.scrollToElement(open[0], 120);
}

function buttons(holder, viewer, state) {
  const canvas = viewer.get("canvas");
  const acts = {
    in: () => canvas.zoom(canvas.zoom() * 1.25),
    out: () => canvas.zoom(canvas.zoom() / 1.25),
    fit: () => canvas.zoom("fit-viewport", "auto"),
    now: () => look(viewer, state),
  };
  holder.parentElement.querySelectorAll("[data-diagram-act]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", acts[button.dataset.diagramAct]);
  });
}

async function draw(holder) {
  try {
    const [xml, state] = await Promise.all([
      read(holder.dataset.diagramSrc, "text"),
      holder.dataset.stateSrc ? read(holder.dataset.stateSrc, "json") : {},
    ]);
    holder.textContent = "";
    const viewer = new NavigatedViewer({ container: holder });
    // The wheel scrolls the page, as people expect; it zooms only with Ctrl, which the library does itself.
    await viewer.importXML(xml);
    show(viewer, holder, state);
    look(viewer, state);
    buttons(holder, viewer, state);
    holder.dataset.ready = "yes";
  } catch (problem) {
    holder.textContent = holder.dataset.failText;
    holder.dataset.ready = "no";
    console.warn(problem);
  }
}

// A phone gets the list of stages; the drawing is only fetched where it is shown.
const wide = window.matchMedia("(min-width: 768px)");
function drawAll() {
  if (!wide.matches) return;
  document.querySelectorAll("[data-diagram-src]:not([data-begun])").forEach((holder) => {
    holder.dataset.begun = "yes";
    draw(holder);
  });
}
wide.addListener(drawAll); // addEventListener on a media query is newer than our floor in some builds
drawAll();
