/** Picture of a terminal's screen as SVG, readable on light and on dark pages. */
import type { Cell, Style } from './terminal.ts';

const WIDTH = 8.4;
const HEIGHT = 19;
const MARGIN = 18;
const BAR = 34;

/** Heights of the block characters, as shares of a line. They are drawn as shapes, since fonts leave gaps between them. */
const BLOCKS: Readonly<Record<string, number>> = { '▁': 1 / 8, '▄': 1 / 2, '█': 7 / 8 };

const COLOURS = `
svg { color-scheme: light dark; }
.panel { fill: #fcfbf8; stroke: #d9d2c5; }
.bar { fill: #d9d2c5; }
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace; }
.default { fill: #211e1a; }
.red { fill: #ab2219; }
.green { fill: #1c6e47; }
.yellow { fill: #855700; }
.dim.default { fill: #625b51; }
.bold { font-weight: 700; }
@media (prefers-color-scheme: dark) {
  .panel { fill: #151618; stroke: #34373c; }
  .bar { fill: #34373c; }
  .default { fill: #e9e5dd; }
  .red { fill: #ff8f82; }
  .green { fill: #63cb98; }
  .yellow { fill: #e7b958; }
  .dim.default { fill: #a8a297; }
}`;

/** Returns the SVG of a screen. `title` describes it for screen readers. */
export function picture(lines: readonly (readonly Cell[])[], title: string): string {
  const columns = Math.max(...lines.map((line) => line.length));
  const width = Math.ceil(columns * WIDTH + 2 * MARGIN);
  const height = lines.length * HEIGHT + 2 * MARGIN + BAR;
  const shapes = lines.flatMap((line, row) => runs(line).map((run) => shape(run, BAR + MARGIN + row * HEIGHT)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${escaped(title)}</title>
<style>${COLOURS}
</style>
<rect class="panel" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10"/>
${[0, 1, 2].map((index) => `<circle class="bar" cx="${MARGIN + 5 + index * 18}" cy="20" r="5.5"/>`).join('')}
${shapes.join('\n')}
</svg>
`;
}

/** A stretch of a line in one style. */
interface Run {
  readonly column: number;
  readonly text: string;
  readonly style: Style;
}

/** Splits a line into words of one style, and into stretches of one block character. */
function runs(line: readonly Cell[]): Run[] {
  const found: { column: number; text: string; style: Style }[] = [];
  line.forEach(({ character, style }, column) => {
    const last = found.at(-1);
    const isBlock = character in BLOCKS;
    const isSame = last && sameStyle(last.style, style) && last.column + [...last.text].length === column;
    const fits = isSame && (isBlock ? last.text.startsWith(character) : !(last.text.charAt(0) in BLOCKS));
    if (fits && character !== ' ') last.text += character;
    else if (character !== ' ') found.push({ column, text: character, style });
  });
  return found;
}

const sameStyle = (one: Style, other: Style): boolean =>
  one.colour === other.colour && one.bold === other.bold && one.dim === other.dim;

function shape({ column, text, style }: Run, top: number): string {
  const x = round(MARGIN + column * WIDTH);
  const width = round([...text].length * WIDTH);
  const classes = [style.colour, ...(style.bold ? ['bold'] : []), ...(style.dim ? ['dim'] : [])].join(' ');
  const share = BLOCKS[text.charAt(0)];
  if (share !== undefined) {
    const height = round(share * (HEIGHT - 3));
    return `<rect class="${classes}" x="${x}" y="${round(top + HEIGHT - 2 - height)}" width="${width}" height="${height}"/>`;
  }
  const position = `x="${x}" y="${round(top + 14)}" textLength="${width}" lengthAdjust="spacingAndGlyphs"`;
  return `<text class="${classes}" ${position}>${escaped(text)}</text>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
