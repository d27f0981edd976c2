
##@ Scheduler

.PHONY: jobs
jobs: ## Show the jobs and when they run next
	@$(APP) scheduler jobs

.PHONY: runs
runs: ## Show the latest runs of jobs
	@$(APP) scheduler history
