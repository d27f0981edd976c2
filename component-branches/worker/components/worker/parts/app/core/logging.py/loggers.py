# It tells of each job twice, arguments included; our worker has a line of its own for each.
logging.getLogger("arq.worker").setLevel(logging.CRITICAL)
