import type { Exemplar, Family, Labels, Sample } from './families.ts';

/** Text format: that of Prometheus, 0.0.4, or OpenMetrics 1.0, which has exemplars. */
export type TextFormat = 'prometheus' | 'openmetrics';

/** Content type of each format. */
export const CONTENT_TYPES: Readonly<Record<TextFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Returns metrics as text. */
export function renderText(families: readonly Family[], format: TextFormat): string {
  let text = '';
  for (const family of families) text += renderFamily(family, format);
  return format === 'openmetrics' ? `${text}# EOF\n` : text;
}

/** Returns the format that the header `Accept` of a request asks for. */
export function acceptedFormat(accept: string | null): TextFormat {
  return accept?.includes('application/openmetrics-text') === true ? 'openmetrics' : 'prometheus';
}

function renderFamily({ name, type, help, samples }: Family, format: TextFormat): string {
  const isOpenMetrics = format === 'openmetrics';
  // A counter of OpenMetrics is called by its name without the ending of its series.
  const title = isOpenMetrics && type === 'counter' ? name.replace(/_total$/, '') : name;
  const unit = isOpenMetrics && type === 'histogram' ? `# UNIT ${title} seconds\n` : '';
  let text = `# HELP ${title} ${escapeHelp(help, isOpenMetrics)}\n# TYPE ${title} ${type}\n${unit}`;
  for (const sample of samples) text += renderSample(name, sample, isOpenMetrics);
  return text;
}

function renderSample(name: string, { suffix, labels, value, exemplar }: Sample, isOpenMetrics: boolean): string {
  const end = isOpenMetrics && exemplar !== undefined ? renderExemplar(exemplar) : '';
  return `${name}${suffix}${renderLabels(labels)} ${renderNumber(value)}${end}\n`;
}

function renderExemplar({ labels, value, time }: Exemplar): string {
  return ` # ${renderLabels(labels) || '{}'} ${renderNumber(value)} ${time.toFixed(3)}`;
}

function renderLabels(labels: Labels): string {
  let text = '';
  for (const label in labels) text += `${text === '' ? '' : ','}${label}="${escapeValue(labels[label] as string)}"`;
  return text === '' ? '' : `{${text}}`;
}

function renderNumber(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(Number.isInteger(value) ? value : Number(value.toPrecision(9)));
}

function escapeValue(text: string): string {
  // Most values need no escapes, and a test is faster than a replacement.
  return /[\\"\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text;
}

function escapeHelp(text: string, isOpenMetrics: boolean): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return isOpenMetrics ? escaped.replaceAll('"', '\\"') : escaped;
}
