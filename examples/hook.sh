#!/bin/sh
# Tells Perch what an agent does. To be called from an agent's hooks, or from any script:
#
#     sh examples/hook.sh KIND SESSION [TOOL]
#     sh examples/hook.sh tool.start "$SESSION_ID" bash
#
# KIND is one of session.start, session.end, prompt.submit, tool.start, tool.end, permission.request, permission.resolve,
# turn.complete, turn.fail and the others of PROTOCOL.md. PERCH_URL names the broker; default http://127.0.0.1:7857.
#
# It never gets in the agent's way: it takes about a second at most, prints nothing and exits with 0, whether Perch runs or
# not. To see why an event is refused, send it with `perch event`.

# The arguments as a JSON object. Taken byte by byte, no byte of a UTF-8 character is one of those that are escaped.
event() {
  LC_ALL=C awk -- '
    BEGIN {
      for (code = 1; code < 32; code++) escapes[sprintf("%c", code)] = sprintf("\\u%04x", code)
      escapes["\""] = "\\\""
      escapes["\\"] = "\\\\"
      split("kind sessionId tool", names, " ")
      printf "{"
      for (n = 1; n < ARGC && n <= 3; n++) {
        printf "%s\"%s\":\"", (n == 1 ? "" : ","), names[n]
        for (i = 1; i <= length(ARGV[n]); i++) {
          char = substr(ARGV[n], i, 1)
          printf "%s", (char in escapes ? escapes[char] : char)
        }
        printf "\""
      }
      printf "}"
    }
  ' "$@"
}

# Neither the user's .curlrc (-q) nor a proxy of the environment has a say in how to reach a program on this machine.
{
  url=${PERCH_URL:-http://127.0.0.1:7857}
  event "$@" |
    curl -q --noproxy '*' --max-time 1 --header 'content-type: application/json' --data-binary @- "${url%/}/v1/events"
} >/dev/null 2>&1
exit 0
