// Two things done to style sheets on their way into the bundle.
import postcss from "postcss";

const DARK = /\[data-bs-theme="?dark"?\]/;
const IN_USE = /^(btn|form|input-group|icon|visually-hidden|disabled|active|show|is-valid|is-invalid)(-|$)/;

/** Whoever chose "automatic" has data-bs-theme="auto": each dark rule again, for them, where the system is dark. */
export function automatic(css) {
  const root = postcss.parse(css);
  root.walkRules(DARK, (rule) => {
    const selectors = rule.selectors.filter((each) => DARK.test(each));
    const again = rule.clone({ selectors: selectors.map((each) => each.replace(DARK, '[data-bs-theme="auto"]')) });
    rule.after(postcss.atRule({ name: "media", params: "(prefers-color-scheme: dark)", nodes: [again] }));
  });
  return root.toString();
}

/** Of Tabler only plain elements and the families of classes that Koi's pages use: a tenth of its weight. */
export function inUse(css) {
  const root = postcss.parse(css);
  root.walkComments((comment) => comment.remove());
  root.walkRules((rule) => {
    if (rule.parent.name?.endsWith("keyframes")) return;
    const kept = rule.selectors.filter((each) => (each.match(/\.[a-z][\w-]*/gi) ?? []).every((name) => IN_USE.test(name.slice(1))));
    if (kept.length) rule.selectors = kept;
    else rule.remove();
  });
  const text = root.toString();
  root.walkAtRules((rule) => {
    const unused = /keyframes$/.test(rule.name) && !new RegExp(`animation[^;}]*\\b${rule.params}\\b`).test(text);
    if (unused || (rule.nodes && rule.nodes.length === 0)) rule.remove();
  });
  return root.toString();
}
