#!/bin/sh
# Installs the system libraries Qt and the tests need on Debian and Ubuntu, if they are missing.
# Without the right to install it prints the one line to run and goes on.
set -eu
[ "$(uname -s)" = Linux ] || exit 0
command -v dpkg-query >/dev/null 2>&1 || { echo "Please install the Qt 6 xcb libraries, dbus, gnome-keyring and poppler." >&2; exit 0; }
missing=""
for package in libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libxkbcommon-x11-0 \
    libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0 libxcb-xkb1 libxcb-shape0 \
    libxcb-randr0 fontconfig fonts-dejavu-core poppler-utils gnome-keyring dbus strace faketime; do
    # Newer releases carry libglib under the name libglib2.0-0t64.
    dpkg-query -W -f='${Status}\n' "$package" "${package}t64" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
else
    echo "Some system libraries are missing. Please run:" >&2
    echo "  sudo apt-get install -y$missing" >&2
fi
