import { RequestFailure } from './api.ts';
import { fill, h } from './dom.ts';

/** Question to somebody who is about to change something. */
export interface Question {
  readonly title: string;
  /** Consequence of the change, in a sentence. */
  readonly consequence: string;
  readonly action: string;
  readonly isDangerous?: boolean;
  /** Whether a reason must be given. */
  readonly needsReason: boolean;
  /** Whether the change can end by itself. */
  readonly hasEnd?: boolean;
  run(answer: { readonly reason: string; readonly ttl: number | undefined }): Promise<unknown>;
}

const ENDS = [
  ['', 'when somebody releases it'],
  ['300000', 'after 5 minutes'],
  ['1800000', 'after 30 minutes'],
  ['7200000', 'after 2 hours'],
  ['86400000', 'after a day'],
] as const;

/** Asks a question, and does what it is about. A failure stays in the dialog, with the reason that was typed. */
export function ask(question: Question): void {
  const reason = h('input', {
    type: 'text',
    maxlength: 500,
    required: question.needsReason,
    autofocus: true,
    name: 'reason',
  });
  const end = h('select', { name: 'ttl' }, ...ENDS.map(([value, text]) => h('option', { value }, text)));
  const problem = h('p', { class: 'problem', role: 'alert' });
  const submit = h('button', { class: question.isDangerous ? 'danger' : 'primary', type: 'submit' }, question.action);
  const form = h(
    'form',
    { method: 'dialog' },
    h('h2', { id: 'dialog-title' }, question.title),
    h('p', {}, question.consequence),
    h('label', {}, question.needsReason ? 'Reason' : 'Reason (optional)', reason),
    question.hasEnd && h('label', {}, 'It ends', end),
    problem,
    h('div', { class: 'buttons' }, h('button', { type: 'button', onClick: () => dialog.close() }, 'Cancel'), submit),
  );
  const dialog = h('dialog', { 'aria-labelledby': 'dialog-title' }, form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit.disabled = true;
    const ttl = question.hasEnd && end.value !== '' ? Number(end.value) : undefined;
    question.run({ reason: reason.value.trim(), ttl }).then(
      () => dialog.close(),
      (error: unknown) => {
        submit.disabled = false;
        fill(problem, error instanceof RequestFailure ? error.message : 'It failed.');
      },
    );
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
