/** The runbook: every alert that we have is named in a section of its own. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as alerts from '@fusewire/operations/alerts';

const page = readFileSync(new URL('../pages/runbook.md', import.meta.url), 'utf8');
const rules = readFileSync(new URL('../../npm/telemetry/prometheus/rules/fusewire.yml', import.meta.url), 'utf8');
const sections = page.split(/^## /m).slice(1);

test('the runbook has a section for each rule of alerts()', () => {
  const { failureRate, opened, responseTime, slowCalls, stateChanges } = alerts;
  for (const rule of [failureRate, opened, responseTime, slowCalls, stateChanges]) {
    const { name } = rule();
    const section = sections.find((each) => each.startsWith(`${name}\n`));
    assert.ok(section?.includes(`\`${rule.name}()\``), name);
  }
});

test('the runbook has a section for each alert of Prometheus', () => {
  const names = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => `\`${name}\``);
  assert.ok(names.length >= 5);
  for (const name of names) assert.equal(sections.filter((section) => section.includes(name)).length, 1, name);
});
