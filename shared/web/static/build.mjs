// Builds what browsers load: one style sheet and one script per face, into static/dist (never committed).
import { build } from "esbuild";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const src = (name) => join(here, "src", name);
const dist = join(here, "dist");

mkdirSync(dist, { recursive: true });
await build({
  entryPoints: ["hq.css", "dealer.css", "public.css", "hq.js", "dealer.js", "public.js"].map(src),
  outdir: dist,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020", "chrome87", "safari14.1", "firefox90"],
  loader: { ".svg": "dataurl" },
  legalComments: "none",
  logLevel: "warning",
});
for (const name of ["icons.svg", "mark.svg"]) copyFileSync(src(name), join(dist, name));
