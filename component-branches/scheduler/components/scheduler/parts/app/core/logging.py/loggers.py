# It tells of each job that it looks at; what matters is logged by our own history.
logging.getLogger("apscheduler").setLevel(logging.WARNING)
logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)
