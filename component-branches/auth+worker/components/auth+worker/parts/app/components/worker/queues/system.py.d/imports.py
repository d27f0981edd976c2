from app.components.worker.tasks.send_mail import send_mail
