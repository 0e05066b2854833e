// docs/benchmarks.svg: for each work a group of bars, one for each server; longer is better.
import { has_figures, main_figure, measured, shown } from "./figures.mjs";

const colours = { selvage: "#d9480f", workerd: "#1c7ed6", node: "#2f9e44", bun: "#ae3ec9", deno: "#495057", nginx: "#0b7285" };
const width = 860;
const label_width = 300;
const bar_width = width - label_width - 110;
const bar_height = 14;
const group_gap = 14;

const escaped = (text) => text.replace(/[&<>`]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "" })[character]);

export function plot(results) {
  const parts = [];
  let y = 56;
  for (const { workload, result } of measured(results)) {
    const figure = main_figure(workload);
    const bars = Object.entries(result.servers)
      .filter(([, figures]) => has_figures(figures))
      .map(([name, figures]) => ({ name, value: figures[figure] }));
    if (bars.length < 2) continue;
    const worth = ({ value }) => (figure.endsWith("per_second") ? value : 1 / value);
    const best = Math.max(...bars.map(worth));
    parts.push(`<text x="${label_width - 12}" y="${y + bar_height - 3}" text-anchor="end" class="work">${escaped(workload.title)}</text>`);
    parts.push(`<text x="${label_width - 12}" y="${y + 2 * bar_height - 2}" text-anchor="end">${escaped(workload.unit)}</text>`);
    for (const bar of bars) {
      const length = Math.max(1, (bar_width * worth(bar)) / best);
      parts.push(`<rect x="${label_width}" y="${y}" width="${length.toFixed(1)}" height="${bar_height - 3}" fill="${colours[bar.name]}"/>`);
      parts.push(`<text x="${(label_width + length + 6).toFixed(1)}" y="${y + bar_height - 4}">${bar.name} ${escaped(shown(figure, bar.value))}</text>`);
      y += bar_height;
    }
    y += group_gap + (bars.length < 2 ? bar_height : 0);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" font-family="system-ui, sans-serif" font-size="11">
<style>text { fill: #343a40 } .work { font-weight: 600 } .title { font-size: 16px; font-weight: 600 }</style>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="16" y="26" class="title">The same work on one core: longer bars are better</text>
<text x="16" y="43">Bars are to scale within a group; times are drawn as their inverse.</text>
${parts.join("\n")}
</svg>
`;
}
