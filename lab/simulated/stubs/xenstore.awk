# The part of xenstore that libxl writes for a domain, as `path = "value"` lines in the layout of `xenstore-ls -f`.
# Input: the device lines of config.awk, then the domain table (FS is a tab in both).

BEGIN {
  FS = "\t"
  # number, access, file, owner: the loop device that xl attached for a disk of a domain.
  while ((getline line < loops) > 0) {
    split(line, f, "\t")
    loop[f[4], f[3]] = f[1]
  }
}

$1 == "most" { most_kb[$2] = $3; most_vcpus[$2] = $4; next }
$1 == "vbd" || $1 == "vif" { device[$2, ++devices[$2]] = $0; next }

$1 != 0 {
  d = "/local/domain/" $1
  put(d "/console/backend", "/local/domain/0/backend/console/" $1 "/0")
  put(d "/console/backend-id", "0")
  put(d "/console/limit", "1048576")
  put(d "/console/output", "pty")
  put(d "/console/port", "2")
  put(d "/console/tty", "/dev/pts/" $1)
  put(d "/console/type", "xenconsoled")
  put(d "/control/feature-poweroff", "1")
  put(d "/control/feature-reboot", "1")
  put(d "/control/shutdown", "")
  for (i = 1; i <= devices[$1]; i++) {
    split(device[$1, i], f, "\t")
    front = d "/device/" f[1] "/" f[3]
    back = "/local/domain/0/backend/" f[1] "/" $1 "/" f[3]
    put(front "/backend", back)
    put(front "/backend-id", "0")
    if (f[1] == "vif") put(front "/mac", f[4])
    else put(front "/virtual-device", f[3])
    put(front "/state", "4")
    put(back "/frontend", front)
    put(back "/frontend-id", $1)
    put(back "/online", "1")
    put(back "/state", "4")
    put(back "/hotplug-status", "connected")
    if (f[1] == "vif") {
      put(back "/bridge", f[5])
      put(back "/mac", f[4])
      put(back "/script", "/etc/xen/scripts/vif-bridge")
    } else {
      put(back "/dev", f[4])
      put(back "/mode", f[5])
      put(back "/params", f[6])
      if (($1, f[6]) in loop) put(back "/physical-device", sprintf("7:%x", loop[$1, f[6]]))
      put(back "/type", "phy")
    }
  }
  put("/vm/" $3 "/name", $2)
  put("/vm/" $3 "/uuid", $3)
  put(d "/domid", $1)
  for (i = 0; i < most_vcpus[$1]; i++) put(d "/cpu/" i "/availability", (i < $5 ? "online" : "offline"))
  put(d "/memory/static-max", most_kb[$1])
  put(d "/memory/target", $4)
  put(d "/name", $2)
  put(d "/vm", "/vm/" $3)
}

$1 == 0 {
  put("/local/domain/0/name", $2)
  put("/local/domain/0/domid", "0")
  put("/local/domain/0/memory/target", $4)
}

function put(path, text) { printf "%s = \"%s\"\n", path, text }
