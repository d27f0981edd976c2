
##@ Workers

.PHONY: queues
queues: ## Show the queues and their workers
	@$(APP) worker queues

.PHONY: failed
failed: ## Show the jobs that have failed
	@$(APP) worker failed
