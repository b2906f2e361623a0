/** Text of `fusewire --help`. */
export const HELP = `fusewire doctor [options] [file...]
fusewire migrate [--write] <file or folder>...
fusewire dashboard --url <url> [--url <url>...] [--port <port>]
fusewire top <url>... [--once] [--json] [--interval <ms>]
fusewire events <url> [--follow] [--json] [--limit <n>] [--breaker <name>] [--kind <kind>] [--severity <severity>]

Checks breakers and pipelines for configuration problems. A file is a module, which is loaded so that everything it
creates is checked, or JSON. Without a file: fusewire.config.{mjs,js,cjs,mts,ts,cts,json} in this folder.

  --sources <folder>  search sources for breakers created per request, without loading them; may be repeated
  --timeout <ms>      milliseconds that loading one module may take; 30000 by default
  --json              print the report as JSON
  --no-color          print no colours; the default if NO_COLOR is set, or if the output is not a terminal
  --rules             print all rules with their reasons
  --help              print this
  --version           print the version

migrate gives your sources the names of version 1. It prints what it would replace, and what only you can change.

  --write             change the files

Exports of a module, and keys of a JSON file:

  breakers      options by name. With @fusewire/profiles: definitions with presets and environments, overridden by
                variables such as BREAKER_MPESA_TIMEOUT
  pipelines     policies of pipelines by name; breaker may be options, or the name of one of the breakers
  facts         by name, or '*' for all: { callsPerSecond, instances, client: { timeout, retries } }
  environments  with @fusewire/profiles: options by the name of an environment

dashboard, top and events show programs that run. They need @fusewire/operations, and the URL of a management API.

  dashboard           serve a dashboard of these programs on 127.0.0.1
  top                 show the breakers in a table; exit code 1 if a circuit is open, 2 if a program does not answer
  events              show the last events, and with --follow those that come
  --header <header>   send a header, such as 'authorization: Bearer …'; the variable FUSEWIRE_TOKEN is a bearer token

Exit codes of doctor and migrate: 0 no errors (warnings and notes are allowed), 1 errors, 2 the doctor could not run.
`;
