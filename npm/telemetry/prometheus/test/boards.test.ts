import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fusewireNames } from '../src/names/fusewire.ts';
import { findPromtool, PROMTOOL_ADVICE } from '../../../../.ci/lib/servers.mjs';

const rules = join(import.meta.dirname, '../rules/fusewire.yml');
const scaling = join(import.meta.dirname, '../rules/scaling.yml');
const board = join(import.meta.dirname, '../grafana/fusewire.json');
const folder = mkdtempSync(join(tmpdir(), 'fusewire-rules-'));
after(() => rmSync(folder, { recursive: true }));

const published = new Set(
  fusewireNames.heads.flatMap(({ name, type }) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
  ),
);

function promtool(...args: string[]): string {
  const program = findPromtool();
  assert.ok(program, PROMTOOL_ADVICE);
  return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' });
}

/** Returns the metrics in some text that this package does not publish. */
function unknownMetrics(text: string): string[] {
  return (text.match(/\bfusewire_\w+/g) ?? []).filter((name) => !published.has(name));
}

interface Board {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

describe('the alert rules', () => {
  it('use the metrics of this package only, and are accepted by promtool', () => {
    assert.deepEqual(unknownMetrics(readFileSync(rules, 'utf8')), []);
    assert.match(promtool('check', 'rules', rules), /SUCCESS: 5 rules found/);
  });

  /** Series over 120 minutes, what each alert says of them at a minute, and the breaker that it is about. */
  const cases: readonly (readonly [
    alert: string,
    minute: number,
    series: Readonly<Record<string, string>>,
    fires: boolean,
  ])[] = [
    ['FusewireCircuitOpen', 3, { 'fusewire_breaker_state{breaker="a",state="open"}': '0 1x9' }, true],
    ['FusewireCircuitOpen', 3, { 'fusewire_breaker_state{breaker="a",state="open"}': '0 0 1 0x9' }, false],
    [
      'FusewireFailureRatioHigh',
      12,
      {
        'fusewire_calls_total{breaker="a",outcome="success"}': '0+88x20',
        'fusewire_calls_total{breaker="a",outcome="timeout"}': '0+12x20',
      },
      true,
    ],
    [
      'FusewireFailureRatioHigh',
      12,
      {
        'fusewire_calls_total{breaker="a",outcome="success"}': '0+91x20',
        'fusewire_calls_total{breaker="a",outcome="failure"}': '0+9x20',
      },
      false,
    ],
    [
      'FusewireCallsSlow',
      12,
      {
        'fusewire_call_duration_seconds_sum{breaker="a"}': '0+60x20',
        'fusewire_call_duration_seconds_count{breaker="a"}': '0+10x20',
      },
      true,
    ],
    [
      'FusewireCallsSlow',
      12,
      {
        'fusewire_call_duration_seconds_sum{breaker="a"}': '0+40x20',
        'fusewire_call_duration_seconds_count{breaker="a"}': '0+10x20',
      },
      false,
    ],
    ['FusewireCircuitFlapping', 60, { 'fusewire_transitions_total{breaker="a",to="open"}': '0x10 0+1x60' }, true],
    ['FusewireCircuitFlapping', 60, { 'fusewire_transitions_total{breaker="a",to="open"}': '0x10 4x60' }, false],
    ['FusewireCircuitHeld', 70, { 'fusewire_breaker_override{breaker="a",override="forced_open"}': '1x90' }, true],
    ['FusewireCircuitHeld', 30, { 'fusewire_breaker_override{breaker="a",override="forced_open"}': '1x90' }, false],
    ['FusewireCircuitHeld', 70, { 'fusewire_breaker_override{breaker="a",override="shadow"}': '1x90' }, false],
  ];
  for (const [index, [alert, minute, series, fires]] of cases.entries()) {
    it(`let ${alert} ${fires ? 'fire' : 'rest'} in case ${index + 1}`, () => {
      const file = join(folder, `${index}.json`);
      const test = {
        interval: '1m',
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        alert_rule_test: [{ eval_time: `${minute}m`, alertname: alert, exp_alerts: [] }],
      };
      writeFileSync(file, JSON.stringify({ rule_files: [rules], tests: [test] }));
      if (fires) assert.throws(() => promtool('test', 'rules', file), /got:\[\s*\d*:?\s*Labels:\{alertname="/);
      else assert.match(promtool('test', 'rules', file), /SUCCESS/);
    });
  }
});

describe('the rule for autoscalers', () => {
  it('uses the metrics of this package only, and is accepted by promtool', () => {
    assert.deepEqual(unknownMetrics(readFileSync(scaling, 'utf8').replaceAll('fusewire:', '')), []);
    assert.match(promtool('check', 'rules', scaling), /SUCCESS: 1 rules found/);
  });

  it('counts calls in flight, but not those to a dependency that is down', () => {
    const series = {
      'fusewire_calls_in_flight{breaker="a",instance="1"}': '20x9',
      'fusewire_calls_in_flight{breaker="a",instance="2"}': '10x9',
      'fusewire_calls_in_flight{breaker="b",instance="1"}': '500x9',
      'fusewire_breaker_state{breaker="a",state="open",instance="1"}': '0x9',
      'fusewire_breaker_state{breaker="b",state="open",instance="1"}': '0x3 1x2 0x3',
      'fusewire_breaker_state{breaker="b",state="half_open",instance="1"}': '0x9',
    };
    const at = (minute: number, value: number) => ({
      expr: 'fusewire:scalable_calls_in_flight:sum',
      eval_time: `${minute}m`,
      exp_samples: [{ labels: 'fusewire:scalable_calls_in_flight:sum', value }],
    });
    const file = join(folder, 'scaling.json');
    const input_series = Object.entries(series).map(([name, values]) => ({ series: name, values }));
    const tests = [
      { interval: '1m', input_series, promql_expr_test: [at(2, 530), at(5, 30), at(8, 530)] },
      { interval: '1m', input_series: [], promql_expr_test: [at(2, 0)] },
    ];
    writeFileSync(file, JSON.stringify({ rule_files: [scaling], evaluation_interval: '1m', tests }));
    assert.match(promtool('test', 'rules', file), /SUCCESS/);
  });
});

describe('the Grafana dashboard', () => {
  const { panels } = JSON.parse(readFileSync(board, 'utf8')) as Board;
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  it('uses the metrics of this package only, and each of them', () => {
    assert.deepEqual(unknownMetrics(expressions.join('\n')), []);
    const used = expressions.join('\n');
    const unused = fusewireNames.heads.filter(({ name }) => !used.includes(name));
    assert.deepEqual(
      unused.map(({ name }) => name),
      ['fusewire_policy_enqueued_total'],
    );
  });

  it('has queries that promtool accepts', () => {
    const file = join(folder, 'board.json');
    const query = (expr: string) =>
      expr
        .replaceAll('$__rate_interval', '5m')
        .replaceAll('$__range', '3h')
        .replaceAll(/\$(breaker|instance)/g, '.*');
    const recorded = expressions.map((expr, index) => ({ record: `panel:${index}`, expr: query(expr) }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'board', rules: recorded }] }));
    assert.match(promtool('check', 'rules', file), new RegExp(`SUCCESS: ${expressions.length} rules found`));
  });

  it('has no panel over another', () => {
    const places = panels.map(
      (panel) => (panel as unknown as { gridPos: Record<'x' | 'y' | 'w' | 'h', number> }).gridPos,
    );
    for (const [index, one] of places.entries()) {
      for (const other of places.slice(index + 1)) {
        const apart = one.x + one.w <= other.x || other.x + other.w <= one.x || one.y + one.h <= other.y;
        assert.ok(apart || other.y + other.h <= one.y);
      }
    }
  });
});
