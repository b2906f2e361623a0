import { readOptions } from 'fusewire/kit';
import type { OptionsReader } from 'fusewire/kit';
import type { AlertNotification } from './alert.ts';
import { describeError } from './faults.ts';
import { DeliveryError, readNotifierBase } from './notifier.ts';
import type { Notifier, NotifierOptions } from './notifier.ts';
import { post, readReceiver } from './post.ts';
import type { ReceiverOptions } from './post.ts';
import { readSecret, signatureOf } from './signature.ts';

/** Options of {@link webhook}. */
export interface WebhookOptions extends NotifierOptions, ReceiverOptions {
  /** Address that the notifications are posted to. */
  readonly url: string | URL;
  /**
   * Secret by which each request is signed as in Standard Webhooks: `webhook-signature` is an HMAC-SHA256 of `webhook-id`,
   * `webhook-timestamp` and the body. A text, or `whsec_` and base64. Default: requests are not signed.
   */
  readonly secret?: string | undefined;
  /** Returns the body, which is sent as JSON. Default: the notification. */
  readonly body?: ((notification: AlertNotification) => unknown) | undefined;
}

/**
 * Returns a notifier that posts each notification as JSON. The header `idempotency-key`, and `webhook-id`, are the same for each
 * attempt to deliver one notification.
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function webhook(options: WebhookOptions): Notifier {
  return posting(readOptions('Notifier', 'webhook', options), (notification) => notification);
}

/** Returns a notifier that posts the body of the option `body`, or `defaultBody`. */
export function posting(reader: OptionsReader, defaultBody: (notification: AlertNotification) => unknown): Notifier {
  const { timeout, accepts } = readNotifierBase(reader);
  const receiver = readReceiver(reader, reader.value('url'));
  const secret = readSecret(reader);
  const bodyOf = (reader.callable('body') as WebhookOptions['body']) ?? defaultBody;
  const name = reader.finish('url');
  return {
    name,
    timeout,
    accepts,
    async deliver(notification, { signal, time }) {
      const body = jsonOf(bodyOf, notification);
      const { id } = notification;
      const timestamp = String(Math.floor(time / 1_000));
      const headers: Record<string, string> = {
        'idempotency-key': id,
        'webhook-id': id,
        'webhook-timestamp': timestamp,
      };
      if (secret !== undefined) headers['webhook-signature'] = await signatureOf(secret, `${id}.${timestamp}.${body}`);
      await post(receiver, headers, body, signal);
    },
  };
}

/** Returns the body as JSON. If it has none, no further attempt is made: it would have none either. */
function jsonOf(bodyOf: (notification: AlertNotification) => unknown, notification: AlertNotification): string {
  try {
    const body: unknown = JSON.stringify(bodyOf(notification));
    if (typeof body === 'string') return body;
  } catch (error) {
    throw new DeliveryError(`The option body failed: ${describeError(error)}`, { isPermanent: true });
  }
  throw new DeliveryError('The option body returned no JSON value', { isPermanent: true });
}
