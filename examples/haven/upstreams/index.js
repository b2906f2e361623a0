import { startAfricasTalking } from './africas-talking.js';
import { startKcb } from './kcb.js';
import { startMpesa } from './mpesa.js';
import { startPesapal } from './pesapal.js';
import { startSmtp } from './smtp.js';
import { startWhatsapp } from './whatsapp.js';

const CREDENTIALS = { key: 'key', secret: 'secret' };
const WHATSAPP = { token: 'wa-token', phoneNumberId: '106540352242922', version: 'v21.0' };

/** Starts all external services on 127.0.0.1. Returns them by name, with the variables that point haven to them. */
export async function startUpstreams() {
  const [mpesa, pesapal, kcb, sms, whatsapp, email] = await Promise.all([
    startMpesa(CREDENTIALS),
    startPesapal(CREDENTIALS),
    startKcb(CREDENTIALS),
    startAfricasTalking({ username: 'haven', apiKey: 'at-key' }),
    startWhatsapp(WHATSAPP),
    startSmtp({ user: 'haven', password: 'mail-password' }),
  ]);
  const services = { mpesa, pesapal, kcb, email, sms, whatsapp };
  const payment = (name, { url }) => ({
    [`${name}_URL`]: url,
    [`${name}_CONSUMER_KEY`]: CREDENTIALS.key,
    [`${name}_CONSUMER_SECRET`]: CREDENTIALS.secret,
  });
  return {
    ...services,
    variables: {
      ...payment('MPESA', mpesa),
      ...payment('PESAPAL', pesapal),
      ...payment('KCB', kcb),
      SMS_URL: sms.url,
      SMS_USERNAME: 'haven',
      SMS_API_KEY: 'at-key',
      WHATSAPP_URL: whatsapp.url,
      WHATSAPP_TOKEN: WHATSAPP.token,
      WHATSAPP_PHONE_NUMBER_ID: WHATSAPP.phoneNumberId,
      SMTP_URL: email.url.replace('smtp://', 'smtp://haven:mail-password@'),
    },
    all: Object.values(services),
    close: () => Promise.all(Object.values(services).map((each) => each.close())),
  };
}
