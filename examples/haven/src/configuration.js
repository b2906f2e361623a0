import { env } from '@fusewire/profiles/env';
import { circuitBreakerManager } from './circuitBreaker.js';

/** Reads the variables of the program. Throws one error with every problem, before the server listens. */
export function readConfiguration(variables) {
  return env.read(
    variables,
    {
      PORT: env.integer({ default: 0, minimum: 0, maximum: 65_535 }),
      PUBLIC_URL: env.url({ required: false }),
      ADMIN_TOKEN: env.secret({ minimumLength: 8 }),
      CALLBACK_SECRET: env.secret({ minimumLength: 8 }),
      DATABASE: env.text({ default: 'haven.db' }),
      ALERT_URL: env.url({ required: false }),
      PREDICTION: env.oneOf(['shadow', 'enforce'], { default: 'shadow' }),
      MPESA_URL: env.url(),
      MPESA_CONSUMER_KEY: env.secret(),
      MPESA_CONSUMER_SECRET: env.secret(),
      MPESA_SHORT_CODE: env.text({ default: '174379' }),
      MPESA_PASSKEY: env.text({ default: 'sandbox-passkey' }),
      PESAPAL_URL: env.url(),
      PESAPAL_CONSUMER_KEY: env.secret(),
      PESAPAL_CONSUMER_SECRET: env.secret(),
      KCB_URL: env.url(),
      KCB_CONSUMER_KEY: env.secret(),
      KCB_CONSUMER_SECRET: env.secret(),
      SMS_URL: env.url(),
      SMS_USERNAME: env.text(),
      SMS_API_KEY: env.secret(),
      WHATSAPP_URL: env.url(),
      WHATSAPP_TOKEN: env.secret(),
      WHATSAPP_PHONE_NUMBER_ID: env.text(),
      SMTP_URL: env.url({ protocols: ['smtp', 'smtps'] }),
    },
    { title: 'Haven' },
  );
}

/**
 * Judges a mistake of one caller, such as an invalid phone number, as no failure of the service: it must not stop the payments
 * of all others. 401 and 403 stay failures, because wrong credentials concern everybody.
 */
function ignoreCallersMistakes(outcome) {
  const status = outcome.error?.response?.status;
  return status === 400 || status === 404 || status === 422 ? 'ignore' : undefined;
}

/** Numbers for development: short times and low thresholds, as the document recommends. */
const development = { failureThreshold: 2, timeout: 5_000, resetTimeout: 5_000 };

/** Configures the six breakers. Variables such as `BREAKER_SMS_TIMEOUT` override all. */
export function configureBreakers({ variables, logger, manager = circuitBreakerManager }) {
  const services = ['mpesa', 'pesapal', 'kcb', 'email', 'sms', 'whatsapp'];
  manager.configure({
    logger,
    logCalls: variables.NODE_ENV === 'development',
    breakers: Object.fromEntries(services.map((service) => [service, { classify: ignoreCallersMistakes }])),
    environments: { development },
    environment: variables.NODE_ENV,
    variables,
  });
  return manager;
}
