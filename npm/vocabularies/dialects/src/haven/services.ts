import { presets } from '../presets.ts';
import { CircuitBreakerManager } from './circuit-breaker-manager.ts';

/** Manager of the breakers below. */
export const circuitBreakerManager = new CircuitBreakerManager();

/** M-Pesa: payments. Opens after 3 failures for 120 000 ms; a call may take 30 000 ms. */
export const mpesaCircuitBreaker = circuitBreakerManager.prepare('mpesa', presets.MPESA);

/** Pesapal: cards. Opens after 3 failures for 120 000 ms; a call may take 30 000 ms. */
export const pesapalCircuitBreaker = circuitBreakerManager.prepare('pesapal', presets.PESAPAL);

/** KCB Buni: banking. Opens after 3 failures for 120 000 ms; a call may take 30 000 ms. */
export const kcbCircuitBreaker = circuitBreakerManager.prepare('kcb', presets.KCB);

/** E-mail over SMTP. Opens after 5 failures for 60 000 ms; a call may take 15 000 ms. */
export const emailCircuitBreaker = circuitBreakerManager.prepare('email', presets.EMAIL);

/** SMS over Africa's Talking. Opens after 5 failures for 60 000 ms; a call may take 10 000 ms. */
export const smsCircuitBreaker = circuitBreakerManager.prepare('sms', presets.SMS);

/** WhatsApp. Opens after 5 failures for 60 000 ms; a call may take 15 000 ms. */
export const whatsappCircuitBreaker = circuitBreakerManager.prepare('whatsapp', presets.WHATSAPP);
