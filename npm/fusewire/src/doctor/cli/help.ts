/** What `fusewire --help` says. */
export const HELP = `fusewire doctor [options] [file...]

Looks for what is wrong with breakers and pipelines. A file is a module, which is loaded, so that everything it makes is
looked at; or JSON. Without a file: fusewire.config.{mjs,js,cjs,mts,ts,cts,json} in this folder.

  --sources <folder>  look through sources for breakers that are made per request, without loading them; once or more
  --json              print the findings as JSON
  --no-color          print no colours; there are none either if NO_COLOR is set, or the output is no terminal
  --rules             print what is looked for, and why
  --help              print this
  --version           print the version

A module may export, a JSON file may hold:

  breakers      options by name. With @fusewire/profiles: definitions with presets and environments, and variables such
                as BREAKER_MPESA_TIMEOUT
  pipelines     the parts of pipelines by name; as their breaker, options or the name of one of the breakers
  facts         by name, or '*' for all: { callsPerSecond, instances, client: { timeout, retries } }
  environments  with @fusewire/profiles: options by the name of an environment

Exit codes: 0 nothing is wrong but for warnings and notes, 1 something is, 2 the doctor could not look.
`;
