import { CircuitBreaker } from 'fusewire';

const mpesa = new CircuitBreaker({ name: 'mpesa' });

export const pay = () => mpesa.execute(() => Promise.resolve('paid'));
export const open = () => mpesa.open(30_000);
