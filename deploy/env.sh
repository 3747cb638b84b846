#!/bin/sh
# Prints .env.example with a random value for every password.
# Usage: (umask 077; sh deploy/env.sh > .env)
set -eu
cd "$(dirname "$0")/.."
while IFS= read -r line; do
  case $line in
    *_PASSWORD=) printf '%s%s\n' "$line" "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" ;;
    *) printf '%s\n' "$line" ;;
  esac
done < .env.example
