#!/usr/bin/env bash
# What the GitHub Action does: one command of pacto, its outputs, its summary, its comment.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
  echo "::error::$*"
  exit 2
}

# output NAME VALUE: a step output, whatever lines the value has
output() {
  local mark
  mark="pacto-$RANDOM$RANDOM"
  printf '%s<<%s\n%s\n%s\n' "$1" "$mark" "$2" "$mark" >>"$GITHUB_OUTPUT"
}

# lines FLAG TEXT: adds FLAG and each line of TEXT to `arguments`
lines() {
  local line
  while IFS= read -r line; do
    [ -z "$line" ] || arguments+=("$1" "$line")
  done <<<"$2"
}

# The release for `latest`, a version, or a range such as 1.x.
release() {
  local wanted=$1 tags
  case "$wanted" in
    latest | "") return ;;
    *[xX*]* | [~^]* | *[\<\>]*)
      tags=$(curl -fsSL ${GH_TOKEN:+-H "Authorization: Bearer $GH_TOKEN"} "${API_URL:-https://api.github.com}/repos/${REPO:-pacto/pacto}/releases?per_page=100" |
        grep -o '"tag_name": *"[^"]*"' | cut -d '"' -f 4)
      local prefix=${wanted#[~^]}
      prefix=${prefix%%[xX*]*}
      prefix=${prefix#v}
      echo "$tags" | sed 's/^v//' | grep -v -- - | grep "^${prefix%.}\(\.\|\$\)" | sort -V | tail -n 1
      ;;
    *) echo "$wanted" ;;
  esac
}

setup() {
  if ! command -v pacto >/dev/null 2>&1; then
    local version
    version=$(release "${INPUT_VERSION:-latest}")
    export PACTO_INSTALL_DIR="${RUNNER_TEMP:-/tmp}/pacto-bin"
    mkdir -p "$PACTO_INSTALL_DIR"
    "$here/get-pacto.sh" --no-sudo ${version:+--version "$version"}
    echo "$PACTO_INSTALL_DIR" >>"$GITHUB_PATH"
    export PATH="$PACTO_INSTALL_DIR:$PATH"
  fi
  output version "$(pacto version | sed 's/^pacto version v//')"
}

# comment MARKER FILE: one comment on the pull request, updated in place
comment() {
  [ "${INPUT_COMMENT_ON_PR:-false}" = true ] && [ -n "${PULL_REQUEST:-}" ] || return 0
  local body id
  body=$(printf '<!-- %s -->\n%s\n' "$1" "$(fold "$2")")
  id=$(gh api "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" --paginate \
    --jq ".[] | select(.body | startswith(\"<!-- $1 -->\")) | .id" | head -n 1)
  if [ -n "$id" ]; then
    gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -f body="$body" >/dev/null
  else
    gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" -f body="$body" >/dev/null
  fi
}

# Tables of more than 15 rows are folded.
fold() {
  awk '
    function flush() {
      if (n > 17) printf "<details><summary>%d rows</summary>\n\n", n - 2
      for (i = 1; i <= n; i++) print row[i]
      if (n > 17) print "\n</details>"
      n = 0
    }
    /^\|/ { row[++n] = $0; next }
    { if (n) flush(); print }
    END { if (n) flush() }
  ' "$1"
}

validate() {
  arguments=("$INPUT_PATH")
  lines --values "${INPUT_VALUES:-}"
  lines --set "${INPUT_SET:-}"
  pacto validate --output-format github "${arguments[@]}"
}

diff() {
  [ -n "${INPUT_OLD:-}" ] && [ -n "${INPUT_NEW:-}" ] || fail "diff needs old and new"
  arguments=("$INPUT_OLD" "$INPUT_NEW")
  lines --values "${INPUT_VALUES:-}"
  lines --set "${INPUT_SET:-}"
  lines --old-values "${INPUT_OLD_VALUES:-}"
  lines --old-set "${INPUT_OLD_SET:-}"
  lines --new-values "${INPUT_NEW_VALUES:-}"
  lines --new-set "${INPUT_NEW_SET:-}"
  local file="${RUNNER_TEMP:-/tmp}/pacto-diff.out" table="${RUNNER_TEMP:-/tmp}/pacto-diff.md" code=0
  pacto diff "${arguments[@]}" --output-format "${INPUT_OUTPUT_FORMAT:-text}" >"$file" || code=$?
  cat "$file"
  # Code 1 alone says that something breaks; 2 is a failure, whatever the gate is set to.
  [ "$code" -le 1 ] || exit "$code"
  pacto diff "${arguments[@]}" --output-format markdown --fail-on never >"$table"
  output has-breaking-changes "$([ "$code" -eq 1 ] && echo true || echo false)"
  output classification "$(sed -n 's/^\*\*Classification:\*\* `\(.*\)`$/\1/p' "$table" | head -n 1)"
  output diff-output "$(cat "$file")"
  cat "$table" >>"$GITHUB_STEP_SUMMARY"
  comment "pacto-diff-comment:$INPUT_NEW" "$table"
  [ "${INPUT_FAIL_ON_BREAKING:-true}" != true ] || exit "$code"
}

push() {
  [ -n "${INPUT_REF:-}" ] || fail "push needs ref"
  local given="${INPUT_REGISTRY:+r}${INPUT_USERNAME:+u}${INPUT_PASSWORD:+p}"
  case "$given" in
    "") ;;
    rup) printf '%s' "$INPUT_PASSWORD" | pacto login "$INPUT_REGISTRY" --username "$INPUT_USERNAME" --password-stdin ;;
    *) fail "registry, username and password belong together" ;;
  esac
  arguments=("$INPUT_REF" --path "$INPUT_PATH")
  lines --values "${INPUT_VALUES:-}"
  lines --set "${INPUT_SET:-}"
  local result
  result=$(pacto push "${arguments[@]}" --output-format json)
  printf '%s\n' "$result"
  output digest "$(printf '%s\n' "$result" | sed -n 's/^  "digest": "\(.*\)",$/\1/p')"
}

doc() {
  arguments=("$INPUT_PATH")
  lines --values "${INPUT_VALUES:-}"
  lines --set "${INPUT_SET:-}"
  local file="${RUNNER_TEMP:-/tmp}/pacto-doc.md"
  pacto doc "${arguments[@]}" >"$file"
  output doc-output "$(cat "$file")"
  if [ -n "${INPUT_OUTPUT_PATH:-}" ]; then
    pacto doc "${arguments[@]}" --output "$INPUT_OUTPUT_PATH"
  fi
  [ "${INPUT_ADD_TO_SUMMARY:-true}" != true ] || cat "$file" >>"$GITHUB_STEP_SUMMARY"
  comment "pacto-doc-comment:$INPUT_PATH" "$file"
}

setup
case "$INPUT_COMMAND" in
  setup) ;;
  validate) validate ;;
  diff) diff ;;
  push) push ;;
  doc) doc ;;
  *) fail "unknown command $INPUT_COMMAND; there are setup, validate, diff, push and doc" ;;
esac
