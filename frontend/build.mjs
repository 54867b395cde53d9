// Builds what the browser loads into web/static/vendor: copies, one bundle, one icon sprite, licences and a manifest.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const packages = path.join(here, "node_modules");
const target = path.resolve(process.argv[2] || path.join(here, "..", "web", "static", "vendor"));
const source = process.argv[3] || ""; // hash of everything this build depends on, given by scripts/assets.sh

const COPIES = {
  "bootstrap.css": "bootstrap/dist/css/bootstrap.min.css",
  "bootstrap.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
  "htmx.js": "htmx.org/dist/htmx.min.js",
};
const LICENSED = ["bootstrap", "bootstrap-icons", "htmx.org", "bpmn-js", "diagram-js", "@popperjs/core"];

fs.rmSync(target, { recursive: true, force: true });
fs.mkdirSync(path.join(target, "licenses"), { recursive: true });

// Source maps are not shipped, so the lines that point at them would only make the browser ask in vain.
for (const [name, from] of Object.entries(COPIES)) {
  const text = fs.readFileSync(path.join(packages, from), "utf8");
  fs.writeFileSync(path.join(target, name), text.replace(/\n?\/[/*]# sourceMappingURL=\S+( \*\/)?\s*$/, "\n"));
}

await build({
  absWorkingDir: here,
  entryPoints: { diagram: "src/diagram.js", "diagram-style": "src/diagram.css" },
  outdir: target,
  bundle: true,
  minify: true,
  format: "iife",
  target: "chrome80",
  loader: { ".woff2": "file", ".woff": "empty", ".ttf": "empty", ".eot": "empty", ".svg": "empty" },
  assetNames: "[name]-[hash]",
  legalComments: "linked",
  logLevel: "warning",
});
fs.renameSync(path.join(target, "diagram-style.css"), path.join(target, "diagram.css"));

const icons = JSON.parse(fs.readFileSync(path.join(here, "icons.json"), "utf8"));
const symbols = icons.map((name) => {
  const svg = fs.readFileSync(path.join(packages, "bootstrap-icons", "icons", `${name}.svg`), "utf8");
  const box = svg.match(/viewBox="([^"]+)"/)[1];
  const body = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").trim();
  return `<symbol id="${name}" viewBox="${box}" fill="currentColor">${body}</symbol>`;
});
fs.writeFileSync(path.join(target, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);

for (const name of LICENSED) {
  const folder = path.join(packages, name);
  const version = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")).version;
  const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  fs.copyFileSync(path.join(folder, file), path.join(target, "licenses", `${name.replace("/", "+")}-${version}.txt`));
}

const files = {};
for (const name of fs.readdirSync(target).sort()) {
  const full = path.join(target, name);
  if (!fs.statSync(full).isFile()) continue;
  const bytes = fs.readFileSync(full);
  files[name] = { bytes: bytes.length, integrity: `sha384-${createHash("sha384").update(bytes).digest("base64")}` };
}
fs.writeFileSync(path.join(target, "manifest.json"), `${JSON.stringify({ source, files }, null, 1)}\n`);
