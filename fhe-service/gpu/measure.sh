#!/bin/sh
# What a GPU computes, whether its words are the processor's, and how fast: the whole table, on standard output.
#
#   measure.sh pack             builds what is needed into target/measure, also where there is no GPU
#   measure.sh run [ROWS]       runs it on this machine: needs target/measure, JDK 25 and a GPU; ROWS: most rows (default 1000000)
#   measure.sh [ROWS]           both
#
# DEVICE, GIGABYTES and OPERATIONS in the environment choose the device (0), how much of its memory (40), and how many random
# operations of a kind are compared at each level (20). JAVA names the JVM.
set -eu
here=$(cd "$(dirname -- "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
pack=$here/target/measure

pack() {
  nvcc=${NVCC:-$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)}
  [ -x "$nvcc" ] || { echo "measure.sh: packing needs nvcc" >&2; exit 1; }
  (cd "$root" && ./mvnw -q -B -pl fhe-service/gpu -am -DskipTests package &&
    ./mvnw -q -B -pl fhe-service/gpu dependency:copy-dependencies -DincludeScope=test -DoutputDirectory="$pack/lib")
  rm -rf "$pack/classes" && mkdir -p "$pack/classes"
  cp -R "$here/target/classes/." "$here/target/test-classes/." "$root/fhe-service/core/target/classes/." "$pack/classes"
  rm -f "$pack"/lib/latticegate-*.jar
  "$nvcc" -O3 -std=c++17 --fatbin -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 \
    -gencode arch=compute_90,code=compute_90 -o "$pack/plain.fatbin" "$here/src/test/cuda/plain.cu"
}

run() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  if command -v nvidia-smi >/dev/null 2>&1; then
    nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || true
  fi
  "${JAVA:-java}" -Xmx24g --enable-native-access=ALL-UNNAMED --add-modules jdk.incubator.vector \
    "-Djava.io.tmpdir=$work" "-Dlatticegate.plain=$pack/plain.fatbin" -cp "$pack/classes:$pack/lib/*" \
    io.latticegate.fhe.gpu.MeasureDevice "${DEVICE:-0}" "${GIGABYTES:-40}" "${OPERATIONS:-20}" "${1:-1000000}" "$work"
}

case "${1:-}" in
  pack) pack ;;
  run) shift; run "$@" ;;
  *) pack && run "$@" ;;
esac
