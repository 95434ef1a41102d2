#!/bin/sh
# Builds the kernels of src/main/cuda for all GPUs that they serve: build-kernels.sh CLASSES WORK
#   CLASSES  where kernels.fatbin goes; without nvcc nothing does, and the build has no kernels
#   WORK     where the report of registers and spills goes, and what tells whether anything changed
# NVCC names the compiler; otherwise it is looked for on the path and in /usr/local/cuda. A kernel that takes more registers than
# kernel-resources.txt allows, or spills more, fails the build.
set -eu
here=$(cd "$(dirname -- "$0")" && pwd)
classes=$1
work=$2
architectures="80 86 89 90 100 120"
intermediate=90

nvcc=${NVCC:-}
[ -n "$nvcc" ] || nvcc=$(command -v nvcc 2>/dev/null) || nvcc=/usr/local/cuda/bin/nvcc
mkdir -p "$classes" "$work"
if [ ! -x "$nvcc" ]; then
  rm -f "$classes/kernels.fatbin" "$work/inputs"
  echo "no nvcc here: this build has no kernels for GPUs"
  exit 0
fi

inputs=$(cat "$here"/src/main/cuda/* "$here/build-kernels.sh" "$here/kernel-resources.txt" | cksum; "$nvcc" --version)
if [ -f "$classes/kernels.fatbin" ] && [ -f "$work/inputs" ] && [ "$inputs" = "$(cat "$work/inputs")" ]; then
  exit 0
fi

known=$("$nvcc" --list-gpu-code)
set --
for architecture in $architectures; do
  case "$known" in
    *"sm_$architecture"*) set -- "$@" -gencode "arch=compute_$architecture,code=sm_$architecture" ;;
    *) echo "this nvcc does not know sm_$architecture; kernels for it are left out" ;;
  esac
done
set -- "$@" -gencode "arch=compute_$intermediate,code=compute_$intermediate"

if ! nice "$nvcc" -std=c++17 -O3 --threads 2 -Xptxas -v --fatbin "$@" \
    -o "$work/kernels.fatbin" "$here/src/main/cuda/kernels.cu" >"$work/compiler.txt" 2>&1; then
  cat "$work/compiler.txt" >&2
  exit 1
fi

# One line for each kernel and architecture: name, architecture, registers, bytes spilled.
awk '
  /Compiling entry function/ { split($0, quoted, "\047"); name = quoted[2]; architecture = quoted[4] }
  /bytes spill stores/ { for (i = 1; i <= NF; i++) if ($i == "spill" && $(i + 1) ~ /^stores/) spilled = $(i - 2) }
  /Used [0-9]+ registers/ {
    for (i = 1; i <= NF; i++) if ($i == "Used") registers = $(i + 1)
    print name, architecture, registers, spilled
    spilled = 0
  }
' "$work/compiler.txt" | sort >"$work/resources.txt"

awk '
  NR == FNR { if ($0 !~ /^#/ && NF == 3) { registers[$1] = $2; spills[$1] = $3 } next }
  !($1 in registers) { print "kernel-resources.txt does not name " $1; bad = 1; next }
  $3 > registers[$1] || $4 > spills[$1] {
    print $1 " takes " $3 " registers and spills " $4 " bytes on " $2 "; allowed are " registers[$1] " and " spills[$1]
    bad = 1
  }
  { seen++ }
  END { if (!seen) { print "no kernel is within its bounds, or the compiler reported on none"; bad = 1 } exit bad }
' "$here/kernel-resources.txt" "$work/resources.txt" >&2

mv "$work/kernels.fatbin" "$classes/kernels.fatbin"
printf '%s\n' "$inputs" >"$work/inputs"
echo "kernels for GPUs of sm_80 to sm_120, and as PTX for compute_$intermediate; $(wc -l <"$work/resources.txt") reports within bounds"
