#!/bin/sh
# addresses.sh DOMID MAC...
# What this host knows of the IP addresses of a guest, a line each, `WHERE ADDRESS`, the surest first; DOMID is '' while it is off.
#   xenstore    written by the toolstack for a vif (ip= in the config) or by an agent in the guest
#   lease       given by a DHCP server of this host: dnsmasq, libvirt's or ISC dhcpd
#   neighbour   seen by the kernel of this host
# It reads and changes nothing.

LC_ALL=C
export LC_ALL
domid=$1
shift
# Only a pretend host moves it.
root=${DOMDECK_ROOT:-}

from_xenstore() {
  for vif in $(xenstore-list "/local/domain/0/backend/vif/$domid" 2>/dev/null); do
    for address in $(xenstore-read "/local/domain/0/backend/vif/$domid/$vif/ip" 2>/dev/null); do
      echo "xenstore ${address%%/*}"
    done
  done
  for path in attr/vif/0/ipv4/0 attr/eth0/ip attr/vif/0/ipv6/0; do
    address=$(xenstore-read "/local/domain/$domid/$path" 2>/dev/null) && echo "xenstore $address"
  done
}

# dnsmasq: expiry mac address name client-id
from_dnsmasq() {
  cat "$root"/var/lib/misc/dnsmasq.leases "$root"/var/lib/libvirt/dnsmasq/*.leases "$root"/var/lib/dnsmasq/*.leases 2>/dev/null |
    while read -r _ lease_mac address _; do
      [ "$lease_mac" != "$1" ] || echo "lease $address"
    done
}

# dhcpd appends: the last lease of an address counts, and so does the newest of a guest.
from_dhcpd() {
  awk -v mac="$1" '
    $1 == "lease" { address = $2 }
    $1 == "hardware" && $2 == "ethernet" && tolower($3) == mac ";" { found = address }
    END { if (found) print "lease " found }
  ' "$root/var/lib/dhcp/dhcpd.leases" 2>/dev/null
}

from_neighbours() {
  ip neigh show 2>/dev/null |
    while read -r address _ _ word neighbour_mac state; do
      [ "$word" = lladdr ] && [ "$neighbour_mac" = "$1" ] && [ "${state%% *}" != FAILED ] && echo "neighbour $address"
    done
}

[ -z "$domid" ] || from_xenstore
for mac; do from_dnsmasq "$mac"; from_dhcpd "$mac"; done
for mac; do from_neighbours "$mac"; done
exit 0
