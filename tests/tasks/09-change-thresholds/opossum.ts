import CircuitBreaker from 'opossum';

const api = new CircuitBreaker((work: () => Promise<string>) => work(), {
  errorThresholdPercentage: 90,
  volumeThreshold: 5,
});

export const ask = (work: () => Promise<string>) => api.fire(work);
// Not documented: the options are read again at each failure.
export const tighten = () =>
  void Object.assign((api as unknown as { options: object }).options, { errorThresholdPercentage: 20 });
