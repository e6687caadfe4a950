// Builds what browsers load: one style sheet and one script per face, into static/dist (never committed).
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { automatic, inUse } from "./styles.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const src = (name) => join(here, "src", name);
const dist = join(here, "dist");

const styles = {
  name: "styles",
  setup(building) {
    building.onLoad({ filter: /\.css$/ }, ({ path }) => {
      const css = readFileSync(path, "utf8");
      return { contents: automatic(path.includes("@tabler") ? inUse(css) : css), loader: "css" };
    });
  },
};

mkdirSync(dist, { recursive: true });
await build({
  entryPoints: ["hq.css", "dealer.css", "public.css", "hq.js", "dealer.js", "public.js", "charts.js", "worker.js", "content.js"].map(src),
  outdir: dist,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020", "chrome87", "safari14.1", "firefox90"],
  loader: { ".svg": "dataurl" },
  plugins: [styles],
  legalComments: "none",
  logLevel: "warning",
});
for (const name of ["icons.svg", "mark.svg", "icon-192.png", "icon-512.png"]) copyFileSync(src(name), join(dist, name));
// compressed once here, not at every request
for (const name of readdirSync(dist)) {
  if (/\.(css|js|svg)$/.test(name)) writeFileSync(join(dist, `${name}.gz`), gzipSync(readFileSync(join(dist, name)), { level: 9 }));
}
