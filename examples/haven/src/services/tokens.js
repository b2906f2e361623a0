/** Keeps the OAuth token of a service until shortly before it expires. Calls at the same time share one request. */
export function tokenCache(request, now = Date.now) {
  let current;
  let pending;
  return {
    async get() {
      if (current !== undefined && now() < current.until) return current.token;
      pending ??= request()
        .then(({ token, expiresIn }) => {
          current = { token, until: now() + (expiresIn - 30) * 1_000 };
          return token;
        })
        .finally(() => (pending = undefined));
      return pending;
    },
    /** Forgets the token, because the service has refused it. */
    forget() {
      current = undefined;
    },
  };
}

/** Calls with a token. If the service refuses the token, the next call asks for a new one. */
export async function withToken(tokens, call) {
  const token = await tokens.get();
  try {
    return await call({ authorization: `Bearer ${token}` });
  } catch (error) {
    if (error.response?.status === 401) tokens.forget();
    throw error;
  }
}
