import { emailService } from './email.js';
import { kcbService } from './kcb.js';
import { mpesaService } from './mpesa.js';
import { pesapalService } from './pesapal.js';
import { smsService } from './sms.js';
import { whatsappService } from './whatsapp.js';

/** Creates the clients of the external services by the names of their breakers. */
export function createServices(settings) {
  return {
    mpesa: mpesaService(settings),
    pesapal: pesapalService(settings),
    kcb: kcbService(settings),
    email: emailService(settings),
    sms: smsService(settings),
    whatsapp: whatsappService(settings),
  };
}

/** Returns the functions that check the services by their names, without their breakers. */
export function checksOf(services) {
  return Object.fromEntries(Object.entries(services).map(([name, { check }]) => [name, check]));
}
