/** Markup of the calculator. */
import { FIELDS } from './fields.ts';
import { EXAMPLES, KINDS, MEANING } from './pattern.ts';

/** Returns the form and the lanes. A small calculator hides the options, and the details of the outcome. */
export function markup(presets: readonly string[], isSmall: boolean): string {
  const hidden = isSmall ? ' hidden' : '';
  return `<form>
<div class="row">
<label>Pattern<select name="example">${Object.entries(EXAMPLES)
    .map(([name, pattern]) => `<option value="${pattern}">${name}</option>`)
    .join('')}</select></label>
<label>Preset<select name="preset"><option value="">The defaults</option>${presets
    .map((name) => `<option>${name}</option>`)
    .join('')}</select></label>
<label>Calls a second<input name="callsPerSecond" type="number" min="0.1" max="100" step="any" value="5" inputmode="decimal"></label>
</div>
<fieldset class="brushes"><legend>Paint the state of the dependency</legend>${KINDS.map(
    (kind, index) =>
      `<label class="brush"><input type="radio" name="kind" value="${kind}"${index === 3 ? ' checked' : ''}>` +
      `<i data-kind="${kind}"></i><span><b>${kind}</b> ${MEANING[kind]}</span></label>`,
  ).join('')}</fieldset>
<div class="timeline">
<div class="lane"><span>dependency</span><div class="strip" aria-hidden="true"></div></div>
<div class="lane"><span>circuit</span><svg class="states" viewBox="0 0 300 10" preserveAspectRatio="none" role="img" aria-label="States of the circuit"></svg></div>
<div class="lane tall"><span>calls</span><svg class="calls" viewBox="0 0 300 100" preserveAspectRatio="none" role="img" aria-label="Outcomes of the calls"></svg></div>
<div class="lane axis"><span></span><div>${[0, 1, 2, 3, 4, 5].map((minute) => `<span>${minute}:00</span>`).join('')}</div></div>
</div>
<p class="legend"><span data-what="answered">answered</span><span data-what="failed">failed</span><span data-what="rejected">rejected</span><span data-state="OPEN">open</span><span data-state="HALF_OPEN">half-open</span></p>
<dl class="readings" aria-live="polite"></dl>
<label class="wide"${hidden}>The pattern as text: seconds and a state<input name="pattern" type="text" spellcheck="false" autocomplete="off"></label>
<fieldset class="options"${hidden}><legend>Options, empty for the default</legend>${FIELDS.map(
    ({ name, unit, standard }) =>
      `<label><span>${name} <small>${unit}</small></span><input name="${name}" type="text" inputmode="decimal" placeholder="${standard}" autocomplete="off"></label>`,
  ).join('')}</fieldset>
<p class="problem" role="alert"></p>
</form>
<details class="transitions"${hidden}><summary>Every transition, with its numbers</summary><ol></ol></details>
<pre class="code-of-options"${hidden} tabindex="0" role="group" aria-label="The options as code"></pre>`;
}
