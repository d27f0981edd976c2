"""Answers in the background: ask, and come back for them."""

from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel, Field

from app.components.backend.api.ai_caller import get_ai_caller
from app.components.backend.api.router import ComponentRouter
from app.core.constants import API_PREFIX
from app.services.ai import Answer, Caller
from app.services.ai import jobs as service
from app.services.ai.jobs import JobState, PromptJob

router = ComponentRouter(prefix=f"{API_PREFIX}/ai/jobs", tags=["ai"])

CallerNow = Annotated[Caller, Depends(get_ai_caller)]


class JobRequest(BaseModel):
    """A message to the assistant, for later."""

    message: str = Field(min_length=1, description="At most AI_MAX_MESSAGE_CHARACTERS")
    conversation_id: str | None = Field(
        default=None, max_length=64, description="Go on with this conversation"
    )


class JobProgress(BaseModel):
    """How far an answer is."""

    id: str
    state: JobState
    text: str = Field(description="What the answer says so far")
    tools: list[str] = Field(description="The tools that were used so far")
    answer: Answer | None = Field(description="The answer, when it has ended")
    problem: str = Field(description="Why there is no answer, or not a whole one")

    @classmethod
    def of(cls, job: PromptJob) -> "JobProgress":
        """The part of a job that is shown."""
        return cls(**job.model_dump(include=set(cls.model_fields)))


@router.post("", status_code=202, summary="Ask the assistant in the background")
async def ask_later(body: JobRequest, caller: CallerNow, response: Response) -> JobProgress:
    """Leave a message. Whoever hangs up stops nothing."""
    job = await service.ask_later(body.message, caller=caller, conversation_id=body.conversation_id)
    response.headers["Location"] = f"{router.prefix}/{job.id}"
    return JobProgress.of(job)


@router.get("/{job_id}", summary="How far an answer is")
async def progress(job_id: str, caller: CallerNow) -> JobProgress:
    """Your job: its state, and what the answer says so far."""
    return JobProgress.of(await service.find_job(job_id, caller))
