#!/usr/bin/env bash
# Installs the optional tools that the rehearsal deploy, the template checks and some tests use, and
# says so:
#   MiniStack   an AWS emulator that runs CloudFormation, for `npm run test:deploy`
#   cfn-lint    checks the CloudFormation templates that the services package to
#   awscli      a client that is not ours, for the tests of the local cloud
#   moto        another AWS emulator, a column of docs/conformance.md
# They go into Python environments of their own under .tools/ and touch nothing else. And, where it is
# missing and Debian's or Ubuntu's apt may be used:
#   Chromium    with a font for Korean, for the tests of the live page in a browser
#   FFmpeg      which processes uploaded videos and sounds, and their tests
set -euo pipefail
cd "$(dirname "$0")/.."

MINISTACK=1.5.33
CFN_LINT=1.51.0
AWS_CLI=1.46.3
MOTO=5.2.5
# With it MiniStack signs and verifies tokens; without it, it refuses them all.
CRYPTOGRAPHY=50.0.2

if ! command -v python3 >/dev/null; then
  echo "Python 3 is missing: install python3 and python3-venv, then run this again." >&2
  exit 1
fi
if [ ! -x .tools/python/bin/pip ]; then
  echo "Making a Python environment in .tools/python"
  rm -rf .tools/python
  python3 -m venv .tools/python
fi
echo "Installing MiniStack $MINISTACK, cfn-lint $CFN_LINT and the AWS CLI $AWS_CLI into .tools/python"
.tools/python/bin/pip install --quiet --disable-pip-version-check "ministack==$MINISTACK" "cfn-lint==$CFN_LINT" "cryptography==$CRYPTOGRAPHY" "awscli==$AWS_CLI"
echo "Done: .tools/python/bin/ministack, .tools/python/bin/cfn-lint, .tools/python/bin/aws"

# Apart from the others: moto and the AWS CLI each ask for their own version of the same library.
if [ ! -x .tools/moto/bin/pip ]; then
  echo "Making a Python environment in .tools/moto"
  rm -rf .tools/moto
  python3 -m venv .tools/moto
fi
echo "Installing moto $MOTO into .tools/moto"
.tools/moto/bin/pip install --quiet --disable-pip-version-check "moto[server]==$MOTO"
echo "Done: .tools/moto/bin/moto_server"

install_chromium() {
  local chromium as_root
  chromium=${CHROMIUM_PATH:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
  if [ -n "$chromium" ] && [ -x "$chromium" ]; then
    echo "Chromium is there: $chromium"
    return
  fi
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
  if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
    echo "Chromium is missing and cannot be installed from here: install it (Debian: apt-get install chromium fonts-noto-cjk; elsewhere Chrome), or set CHROMIUM_PATH. Without it the browser tests are skipped." >&2
    return
  fi
  echo "Installing Chromium and a font for Korean by apt (chromium, fonts-noto-cjk)"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null
  echo "Done: $(command -v chromium)"
}
install_chromium

install_ffmpeg() {
  local ffmpeg ffprobe as_root
  ffmpeg=${FFMPEG_PATH:-$(command -v ffmpeg || true)}
  ffprobe=${FFPROBE_PATH:-$(command -v ffprobe || true)}
  if [ -n "$ffmpeg" ] && [ -x "$ffmpeg" ] && [ -n "$ffprobe" ] && [ -x "$ffprobe" ]; then
    echo "FFmpeg is there: $ffmpeg, $ffprobe"
    return
  fi
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
  if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
    echo "FFmpeg is missing and cannot be installed from here: install it (Debian: apt-get install ffmpeg; macOS: brew install ffmpeg), or set FFMPEG_PATH and FFPROBE_PATH. Without it uploaded videos and sounds fail with the code ffmpeg_missing, and their tests are skipped." >&2
    return
  fi
  echo "Installing FFmpeg by apt (ffmpeg)"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ffmpeg >/dev/null
  echo "Done: $(command -v ffmpeg), $(command -v ffprobe)"
}
install_ffmpeg
