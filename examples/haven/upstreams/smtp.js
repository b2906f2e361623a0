import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';

/** Starts an SMTP server that accepts mail, refuses it for a while (421), or is slow. */
export async function startSmtp({ user, password }) {
  let behaviour = { kind: 'up' };
  const mails = [];
  const connections = [];
  const server = new SMTPServer({
    authMethods: ['PLAIN', 'LOGIN'],
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 50,
    onConnect(session, done) {
      connections.push(session.id);
      const { kind, value } = behaviour;
      if (kind === 'outage') return done(Object.assign(new Error('Service not available'), { responseCode: 421 }));
      if (kind === 'hang') return undefined;
      if (kind === 'slow') return void setTimeout(done, value);
      return done();
    },
    onAuth({ username, password: given }, _session, done) {
      if (username === user && given === password) return done(null, { user });
      return done(Object.assign(new Error('Invalid username or password'), { responseCode: 535 }));
    },
    onData(stream, { envelope }, done) {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push({ to: envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString() });
        done(null, `queued as ${mails.length}`);
      });
    },
  });
  server.on('error', () => {}); // A client that goes is no error of the server.
  const listening = once(server.server, 'listening');
  server.listen(0, '127.0.0.1');
  await listening;
  return {
    name: 'email',
    url: `smtp://127.0.0.1:${server.server.address().port}`,
    mails,
    requests: connections,
    behave(kind, value) {
      behaviour = { kind, value };
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
