/** The picture of the demo, and the terminal and the SVG it is made with. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { picture } from '../site/picture/svg.ts';
import { Terminal } from '../site/picture/terminal.ts';
import { read } from '../site/repository.ts';

function screen(output: string, columns = 10, rows = 3): string[] {
  const terminal = new Terminal(columns, rows);
  terminal.write(output);
  return terminal.lines.map((line) =>
    line
      .map(({ character }) => character)
      .join('')
      .trimEnd(),
  );
}

describe('the terminal', () => {
  test('redraws lines in place', () => {
    assert.deepEqual(screen('one\r\ntwo\r\n\x1b[2A\r1\x1b[K\r\n2\x1b[K\r\n\x1b[J'), ['1', '2']);
  });

  test('wraps long lines and scrolls', () => {
    assert.deepEqual(screen('abcdefghijkl\r\nm\r\nn'), ['kl', 'm', 'n']);
  });

  test('clears the screen', () => {
    assert.deepEqual(screen('old\r\nold\x1b[2J\x1b[Hnew'), ['new']);
  });

  test('keeps the colour of each character', () => {
    const terminal = new Terminal(4, 1);
    terminal.write('\x1b[32ma\x1b[39m\x1b[1mb\x1b[22mc');
    const styles = terminal.lines[0]?.map(({ style }) => `${style.colour}${style.bold ? ' bold' : ''}`);
    assert.deepEqual(styles, ['green', 'default bold', 'default', 'default']);
  });

  test('rejects a sequence that it does not know', () => {
    assert.throws(() => screen('\x1b[5S'), /does not know the sequence ESC \[ 5S/);
  });
});

test('the SVG escapes text and draws blocks as shapes', () => {
  const terminal = new Terminal(8, 1);
  terminal.write('\x1b[31m██\x1b[39m <&');
  const svg = picture(terminal.lines, 'A "title"');
  assert.match(svg, /<rect class="red" [^>]*width="16\.8"/);
  assert.match(svg, /<text class="default"[^>]*>&lt;&amp;<\/text>/);
  assert.match(svg, /<title id="title">A &quot;title&quot;<\/title>/);
});

test('the committed picture shows a whole run, in colours for light and dark', () => {
  const svg = read('docs/pictures/demo.svg');
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  for (const name of ['payments', 'search', 'email', 'healthy', 'recovered', 'HALF_OPEN']) {
    assert.ok(texts.includes(name), `the picture does not show ${name}`);
  }
  for (const state of ['red', 'green', 'yellow']) assert.match(svg, new RegExp(`<rect class="${state}"`));
  assert.match(svg, /@media \(prefers-color-scheme: dark\)/);
  assert.doesNotMatch(svg, /https?:\/\/(?!www\.w3\.org|127\.0\.0\.1)/);
});
