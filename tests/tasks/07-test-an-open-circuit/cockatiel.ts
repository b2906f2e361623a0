import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';

const mpesa = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(5) });

export const pay = () => mpesa.execute(() => Promise.resolve('paid'));
export const open = () => void mpesa.isolate();
