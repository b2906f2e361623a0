/** Text of `fusewire --help`. */
export const HELP = `fusewire doctor [options] [file...]
fusewire migrate [--write] <file or folder>...

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

Exit codes: 0 no errors (warnings and notes are allowed), 1 errors, 2 the doctor could not run.
`;
