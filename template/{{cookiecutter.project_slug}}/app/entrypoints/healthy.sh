# The health check of containers: all processes here have a heartbeat, and none is older than a minute.
# It runs every few seconds, for ever; so it is shell and `find` alone, and takes milliseconds.
test -n "$(find "${HEARTBEAT_DIR:?}" -type f)" && test -z "$(find "$HEARTBEAT_DIR" -type f -mmin +1)"
