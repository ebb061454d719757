#!/bin/sh
# Runs each service's tests in an empty folder that holds only the kernel and that service.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
python=${PYTHON:-$root/.venv/bin/python}
failed=

for folder in services/*/; do
  service=$(basename "$folder")
  [ -f "$folder/app.py" ] || continue
  printf '\n== %s alone\n' "$service"
  if [ ! -d "tests/$service" ]; then
    printf 'There are no tests in tests/%s.\n' "$service"
    failed="$failed $service"
    continue
  fi
  alone=$(mktemp -d)
  trap 'rm -rf "$alone"' EXIT
  mkdir "$alone/services" "$alone/tests"
  cp -R pyproject.toml README.md LICENSE shared "$alone/"
  cp services/__init__.py "$alone/services/"
  cp -R "services/$service" "$alone/services/$service"
  for file in tests/__init__.py tests/conftest.py; do
    if [ -f "$file" ]; then cp "$file" "$alone/tests/"; fi
  done
  cp -R tests/outside "$alone/tests/outside"
  cp -R "tests/$service" "$alone/tests/$service"
  (cd "$alone" && PYTHONDONTWRITEBYTECODE=1 "$python" -m pytest -q "tests/$service") || failed="$failed $service"
  rm -rf "$alone"
done

if [ -n "$failed" ]; then
  printf '\nNot standing alone:%s\n' "$failed" >&2
  exit 1
fi
printf '\nEvery service stands alone.\n'
