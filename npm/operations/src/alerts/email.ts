import { readOptions } from 'fusewire/kit';
import type { AlertNotification } from './alert.ts';
import { textOf, titleOf } from './descriptions.ts';
import { describeError } from './faults.ts';
import { DeliveryError, readNotifierBase } from './notifier.ts';
import type { Notifier, NotifierOptions } from './notifier.ts';
import { codeOf } from './post.ts';
import { readPatterns } from './rule.ts';
import { hashOf, oneLine, shortened } from './text.ts';

/** Message as {@link MailTransport} gets it: a part of what nodemailer accepts. */
export interface Mail {
  readonly from: string;
  readonly to: string[];
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly references: string;
  readonly inReplyTo: string;
  readonly signal: AbortSignal;
}

/** Object that sends mails, such as the result of `createTransport` of nodemailer. */
export interface MailTransport {
  sendMail(mail: Mail): Promise<unknown>;
}

/** Options of {@link email}. */
export interface EmailOptions extends NotifierOptions {
  /** Object that sends the mails, such as the result of `createTransport` of nodemailer. */
  readonly transport: MailTransport;
  readonly from: string;
  /** One address or several. */
  readonly to: string | readonly string[];
  /** Returns the subject. Default: the title of the notification. */
  readonly subject?: ((notification: AlertNotification) => string) | undefined;
}

/** Time of one attempt in milliseconds: mail servers are slow, and an attempt that was given up may arrive twice. */
const TIMEOUT = 30_000;
const LONGEST_SUBJECT = 250;

/**
 * Returns a notifier that sends mails through a transport of nodemailer, which the program creates and closes. The mails about
 * one group of alerts form a thread, and each attempt has the same `Message-ID`.
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function email(options: EmailOptions): Notifier {
  const reader = readOptions('Notifier', 'email', options);
  const { timeout = TIMEOUT, accepts } = readNotifierBase(reader);
  const transport = reader.value('transport') as MailTransport | undefined;
  if (transport !== undefined && typeof (transport as Partial<MailTransport> | null)?.sendMail !== 'function')
    reader.report('transport', 'type', 'an object with the method sendMail');
  const from = reader.value('from');
  if (from !== undefined && typeof from !== 'string') reader.report('from', 'type', 'an address');
  const to = readPatterns(reader.value('to'));
  if (reader.value('to') !== undefined && (to === undefined || to.length === 0))
    reader.report('to', 'type', 'an address or an array of addresses');
  const subject = reader.callable('subject') as EmailOptions['subject'];
  const name = reader.finish('transport', 'from', 'to');
  return {
    name,
    timeout,
    accepts,
    async deliver(notification, { signal }) {
      const thread = messageId(hashOf(notification.key));
      const mail: Mail = {
        from: from as string,
        to: [...(to ?? [])],
        subject: shortened(oneLine(subjectOf(subject, notification)), LONGEST_SUBJECT),
        text: textOf(notification),
        messageId: messageId(notification.id),
        references: thread,
        inReplyTo: thread,
        signal,
      };
      try {
        await (transport as MailTransport).sendMail(mail);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw deliveryErrorOf(error);
      }
    },
  };
}

/** Returns the subject of a mail. If the option fails, no further attempt is made. */
function subjectOf(subject: EmailOptions['subject'], notification: AlertNotification): string {
  if (subject === undefined) return titleOf(notification);
  try {
    return String(subject(notification));
  } catch (error) {
    throw new DeliveryError(`The option subject failed: ${describeError(error)}`, { isPermanent: true });
  }
}

function messageId(id: string): string {
  return `<${id}@alerts.fusewire>`;
}

/** Returns an error without what the mail server wrote, which can contain addresses and names of users. */
function deliveryErrorOf(error: unknown): DeliveryError {
  const { responseCode } = (typeof error === 'object' && error !== null ? error : {}) as { responseCode?: unknown };
  const hasCode = typeof responseCode === 'number';
  const reply = hasCode ? `answered ${responseCode}` : 'cannot be reached';
  // RFC 5321, 4.2.1: a reply from 500 on is final.
  return new DeliveryError(`The mail server ${reply}${codeOf(error)}`, { isPermanent: hasCode && responseCode >= 500 });
}
