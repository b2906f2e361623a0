import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';

const mpesa = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(3) });
let lastError: unknown;
mpesa.onBreak((reason) => {
  lastError = 'error' in reason ? reason.error : undefined;
});

export const ask = (work: () => Promise<string>) => mpesa.execute(work);
export const whyOf = (_: unknown) => (lastError instanceof Error ? lastError.message : undefined);
